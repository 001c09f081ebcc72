"""Loads the code lists that definitions name; each row says its source, its date and how certain it is."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

COLUMNS = ("code", "label", "source", "dated", "certainty")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A code list: rows of texts by column, of which `COLUMNS` are always there."""

    id: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

    def codes(self, where: Mapping[str, Sequence[str]] | None = None) -> frozenset[str]:
        """The codes of the rows that have one of the given values in each of the given columns."""
        conditions = (where or {}).items()
        return frozenset(
            row["code"] for row in self.rows if all(row[column] in values for column, values in conditions)
        )


@cache
def known_vocabularies() -> Mapping[str, Vocabulary]:
    """The shipped code lists by the names of their files."""
    paths = sorted(files(__package__).joinpath("vocabularies").iterdir(), key=lambda path: path.name)
    loaded = [read_vocabulary(path.name.removesuffix(".csv"), path.read_text("utf-8")) for path in paths]
    return MappingProxyType({vocabulary.id: vocabulary for vocabulary in loaded})


def read_vocabulary(name: str, text: str) -> Vocabulary:
    """Read a code list from CSV text. Raises ValueError where one of `COLUMNS` is missing or a row is short."""
    reader = csv.DictReader(text.splitlines(), strict=True)
    columns = tuple(reader.fieldnames or ())
    if missing := [column for column in COLUMNS if column not in columns]:
        raise ValueError(f"{name}: found the columns {', '.join(columns)}; {', '.join(missing)} are missing.")
    rows = [MappingProxyType(row) for row in reader]
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise ValueError(f"{name}, row {number}: expected {len(columns)} values.")
    return Vocabulary(name, columns, tuple(rows))
