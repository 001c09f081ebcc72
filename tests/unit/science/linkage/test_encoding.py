"""Encodings of one person are alike under one secret, and like strangers' under any other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linked import two_registers
from scipy.stats import ks_2samp

from throughline.science.linkage.dice import similarities
from throughline.science.linkage.encoding import blocking_keys, encodable, encode
from throughline.science.linkage.fields import Field, Kind
from throughline.science.linkage.keys import ShortSecretError
from throughline.science.linkage.phonetics import soundex

SECRET, OTHER_SECRET = b"a" * 32, b"b" * 32
ANN = {"given_name": "Ann", "surname": "Silverlake", "dob": "1980-01-02", "postcode": "10023"}


def encoded(*people: dict[str, str], secret: bytes = SECRET):
    columns = {name: [person.get(name) for person in people] for name in ANN}
    return encode(encodable(columns), secret)


def likeness(one: dict[str, str], other: dict[str, str]) -> float:
    made = encoded(one, other)
    return float(similarities(made.bits[:1], made.bits[1:])[0])


def test_a_person_is_like_herself():
    assert likeness(ANN, ANN) == 1


def test_names_that_changed_places_change_nothing():
    assert likeness(ANN, ANN | {"given_name": ANN["surname"], "surname": ANN["given_name"]}) == 1


@pytest.mark.parametrize(
    "slip", [{"surname": "Silverlakc"}, {"dob": "1980-01-03"}, {"postcode": "10024"}], ids=str
)
def test_a_slip_leaves_her_like_herself(slip):
    assert 0.8 < likeness(ANN, ANN | slip) < 1


def test_a_stranger_shares_bits_by_chance_only():
    bob = {"given_name": "Bob", "surname": "Mortimer", "dob": "1961-11-27", "postcode": "20555"}
    assert likeness(ANN, bob) < 0.65


def test_a_name_in_one_column_is_like_the_same_in_two():
    whole = encode(encodable({"name": ["Ann Silverlake"], "dob": ["1980-01-02"]}), SECRET)
    parts = encode(
        encodable({"given_name": ["Ann"], "surname": ["Silverlake"], "dob": ["1980-01-02"]}), SECRET
    )
    assert (whole.bits == parts.bits).all()


@given(st.text(max_size=20), st.text(max_size=20), st.dates().map(str))
def test_any_text_can_be_encoded_and_always_in_the_same_way(given_name, surname, dob):
    person = {"given_name": given_name, "surname": surname, "dob": dob}
    one, again = encoded(person), encoded(person)
    assert (one.bits == again.bits).all()
    assert (one.keys == again.keys).all()


def test_a_short_secret_is_refused():
    with pytest.raises(ShortSecretError):
        encoded(ANN, secret=b"too short")


def test_names_alone_are_not_encoded():
    assert encodable({"given_name": ["Ann"], "surname": ["Lee"]}) == {}


def test_a_person_under_two_secrets_is_like_a_stranger():
    """The similarities of 2,000 people with themselves are distributed as those with others; no key is the same."""
    register, _ = two_registers(people=2_000, shared=0, seed=8)
    fields = encodable(register.columns)
    mine, theirs = encode(fields, SECRET), encode(fields, OTHER_SECRET)
    themselves = similarities(mine.bits, theirs.bits)
    strangers = similarities(mine.bits, np.roll(theirs.bits, 1, axis=0))
    assert ks_2samp(themselves, strangers).pvalue > 0.01
    assert set(mine.keys.ravel().tolist()) & set(theirs.keys.ravel().tolist()) <= {0}


def test_records_are_looked_up_by_what_is_rare():
    record = {
        Field(Kind.GIVEN_NAME): "ann",
        Field(Kind.SURNAME): "silverlake",
        Field(Kind.BIRTH): "1980-01-02",
        Field(Kind.POSTCODE): "10023",
    }
    assert blocking_keys(record) == ["1980-01-02", "", "", "", "a500 s416|1980", "a500 s416|10023"]


def test_no_key_rests_on_one_name():
    assert blocking_keys({Field(Kind.SURNAME): "silverlake", Field(Kind.POSTCODE): "10023"}) == [""] * 6


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Robert", "r163"),
        ("Ashcraft", "a261"),
        ("Tymczak", "t522"),
        ("Pfister", "p236"),
        ("Honeyman", "h555"),
    ],
)
def test_names_that_sound_alike_have_one_code(name, code):
    assert soundex(name) == code


def test_what_is_no_name_has_no_code():
    assert soundex("123") == ""
