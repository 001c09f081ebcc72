"""Holds the code lists that definitions name; each row says its source, its date and how certain it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from throughline.definitions.vocabulary_table import read_rows


class VocabularyVersion(NamedTuple):
    """Names one version of a code list, as a definition was resolved against it."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A code list: rows of texts by column, of which `vocabulary_table.COLUMNS` are always there.

    The shipped lists are version 1; versions that a coalition adopts count on from there.
    """

    id: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    version: int = 1

    @property
    def dated(self) -> str:
        """The newest day that a row states."""
        return max((row["dated"] for row in self.rows), default="")

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


def read_vocabulary(
    id: str, text: str, *, columns: Sequence[str] = (), version: int = 1, file: str = ""
) -> Vocabulary:
    """Read a code list from CSV text; `columns` are those it must have, as the list has that it replaces.

    Raises VocabularyError with every fault; `file` is how they name the file.
    """
    header, rows = read_rows(file or id, text, columns=columns)
    return Vocabulary(id, header, tuple(map(MappingProxyType, rows)), version)
