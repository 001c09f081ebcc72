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
    """The document of this name in `formats/mappings`; FileNotFoundError if there is none.

    Where its `substance_texts` name their patterns, those in `mappings/patterns` are put in.
    """
    document = _load(name)
    texts = [
        {**text, "patterns": _load(f"patterns/{text['patterns']}")}
        for text in document.get("substance_texts", ())
    ]
    return MappingProxyType({**document, **({"substance_texts": texts} if texts else {})})


def in_time_zone(document: Mapping[str, Any], time_zone: str) -> dict[str, Any]:
    """A shipped document for an agency whose clocks are there: it decides on which day a date without a time falls.

    >>> in_time_zone({"occurred_at": {"columns": ["day"], "time_zone": "UTC"}}, "America/Chicago")
    {'occurred_at': {'columns': ['day'], 'time_zone': 'America/Chicago'}}
    """
    return {**document, "occurred_at": {**document["occurred_at"], "time_zone": time_zone}}


def _load(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return document
