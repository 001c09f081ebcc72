"""Loads the tables of the NEMSIS standard that reading and checking go by; an installation can replace each."""

import csv
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

NAMESPACE = "http://www.nemsis.org"
_TABLES = Path(__file__).parent / "tables"


def installed_folder() -> Path | None:
    """The folder of schemas that the administrator set; tables in it go before those of this package."""
    folder = os.environ.get("THROUGHLINE_NEMSIS_SCHEMAS")
    return Path(folder) if folder else None


def rows(table: str) -> list[dict[str, str]]:
    """All rows of a table: structure, kinds, codes or meanings."""
    replaced = (installed_folder() or _TABLES) / f"{table}.csv"
    path = replaced if replaced.is_file() else _TABLES / f"{table}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def meanings(meaning: str) -> Mapping[str, Mapping[str, str]]:
    """What codes mean in the product's words, by element and code, in the table's order."""
    found: dict[str, dict[str, str]] = {}
    for row in rows("meanings"):
        if row["meaning"] == meaning:
            found.setdefault(row["element"], {})[row["code"]] = row["word"]
    return MappingProxyType(found)


def qualified(name: str) -> str:
    """An element's name as lxml writes it.

    >>> qualified("eTimes.03")
    '{http://www.nemsis.org}eTimes.03'
    """
    return f"{{{NAMESPACE}}}{name}"


def local(tag: str) -> str:
    """An element's name without its namespace.

    >>> local("{http://www.nemsis.org}eTimes.03")
    'eTimes.03'
    """
    return tag.rpartition("}")[2]
