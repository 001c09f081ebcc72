"""Formats are found by looking."""

from pathlib import Path

import pytest

from throughline.formats.faults import UnreadableFile
from throughline.formats.registry import find_format, known_formats


@pytest.mark.parametrize("name", ["March.XLSX", "march.csv"])
def test_tables_are_known_by_the_end_of_their_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("date,place\n")
    assert find_format(tmp_path / name) is known_formats()["tabular"]


@pytest.mark.parametrize(("name", "found"), [("march.doc", "ends in '.doc'"), ("march", "has no ending")])
def test_an_unknown_name_says_which_are_known(tmp_path: Path, name: str, found: str) -> None:
    (tmp_path / name).write_text("date,place\n")
    with pytest.raises(UnreadableFile, match=rf"{found}. Expected one of .*\.csv"):
        find_format(tmp_path / name)


def test_every_format_has_a_key_of_its_own_a_name_and_suffixes() -> None:
    for key, known in known_formats().items():
        assert key == known.KEY
        assert known.NAME
        assert all(suffix.startswith(".") for suffix in known.SUFFIXES)
