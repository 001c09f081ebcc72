"""Formats are found by looking."""

from pathlib import Path

import pytest

from throughline.formats.faults import UnreadableFile
from throughline.formats.registry import find_format, known_formats


def test_tables_are_known_by_the_end_of_their_name() -> None:
    assert known_formats()["tabular"] is find_format(Path("March.XLSX")) is find_format(Path("march.csv"))


@pytest.mark.parametrize(("name", "found"), [("march.doc", "ends in '.doc'"), ("march", "has no ending")])
def test_an_unknown_name_says_which_are_known(name: str, found: str) -> None:
    with pytest.raises(UnreadableFile, match=rf"{found}. Expected one of .csv, .tsv, .txt, .xlsx"):
        find_format(Path(name))


def test_every_format_has_a_key_of_its_own_a_name_and_suffixes() -> None:
    for key, known in known_formats().items():
        assert key == known.KEY
        assert known.NAME
        assert all(suffix.startswith(".") for suffix in known.SUFFIXES)
