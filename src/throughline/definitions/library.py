"""Finds the shipped case definitions by looking: every JSON file beside this module is one, in one version."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from throughline.definitions.definition import Definition
from throughline.definitions.parsing import parse_definition


def library() -> Mapping[str, Definition]:
    """The newest version of every shipped definition, by id."""
    newest = {id: definition for (id, _version), definition in sorted(shipped_definitions().items())}
    return MappingProxyType(newest)


@cache
def shipped_definitions() -> Mapping[tuple[str, int], Definition]:
    """Every shipped version, by id and version."""
    return MappingProxyType({key: parse_definition(text) for key, text in shipped_documents().items()})


@cache
def shipped_documents() -> Mapping[tuple[str, int], Mapping[str, Any]]:
    """The documents as they are shipped, by id and version: what an edition of one's own begins with."""
    paths = files(__package__).joinpath("shipped").iterdir()
    documents = [json.loads(path.read_text("utf-8")) for path in paths if path.name.endswith(".json")]
    return MappingProxyType({(each["id"], each["version"]): each for each in documents})
