"""Finds the versions of the clause library by looking: every TOML file in `versions` is one."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter


@dataclass(frozen=True)
class Clause:
    """What an agreement says about one term; `{names}` in its sentences are filled in from the terms."""

    term: str
    heading: str
    text: str
    otherwise: str = ""  # instead of `text`, where a value that it names is empty
    shares_data: bool = False  # of those alone that share some, not of a memorandum

    def fill(self, words: Mapping[str, str]) -> str:
        """The sentence. Raises KeyError for a name that no term fills in."""
        named = {name for _, name, _, _ in Formatter().parse(self.text) if name}
        is_told = all(words[name] for name in named)
        return (self.text if is_told else self.otherwise).format_map(words)


@cache
def library(version: str) -> tuple[Clause, ...]:
    """The clauses of one version, in their order."""
    document = tomllib.loads(_versions()[version])
    return tuple(Clause(**clause) for clause in document["clause"])


def heading_of(version: str, term: str) -> str:
    """What the clause on a term is called in one version. Raises StopIteration where it has none."""
    return next(clause.heading for clause in library(version) if clause.term == term)


def newest() -> str:
    """The version that new texts are written in."""
    return max(_versions())


@cache
def _versions() -> Mapping[str, str]:
    shipped = files(__package__).joinpath("versions").iterdir()
    return {path.name.removesuffix(".toml"): path.read_text("utf-8") for path in shipped}
