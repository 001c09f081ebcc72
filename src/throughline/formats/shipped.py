"""Holds the mapping documents that come with the product: what reads a standard, or a table of our own layout."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_FOLDER = Path(__file__).parent / "mappings"


@cache
def shipped_mapping(name: str) -> Mapping[str, Any]:
    """The document of this name in `formats/mappings`; FileNotFoundError if there is none."""
    return MappingProxyType(json.loads((_FOLDER / f"{name}.json").read_text()))
