"""One secret gives many keys, as the standard says."""

import pytest

from throughline.science.linkage.keys import ShortSecretError, derive_key, expand, extract


def test_extraction_is_that_of_rfc_5869_test_case_1():
    salt, secret = bytes(range(13)), bytes([0x0B] * 22)
    extracted = extract(salt, secret)
    assert extracted.hex() == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    first = expand(extracted, bytes(range(0xF0, 0xFA)))
    assert first.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"


def test_each_use_has_a_key_of_its_own():
    assert derive_key(bytes(32), "names") != derive_key(bytes(32), "blocking")


def test_a_short_secret_is_refused():
    with pytest.raises(ShortSecretError):
        derive_key(bytes(31), "names")
