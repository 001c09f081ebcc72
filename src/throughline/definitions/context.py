"""Takes out of a text what it says about the past, about others, or that it denies, before words are searched."""

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from throughline.definitions.folding import folded_text
from throughline.definitions.pattern import compile_pattern

BAR = " ; "
"""What ends the reach of a word like “denies”: the rules' patterns never cross a punctuation mark."""


@dataclass(frozen=True, slots=True)
class Step:
    """Every place where `pattern` matches is replaced by `replacement`, or, if `keeps`, stands behind it."""

    pattern: str
    replacement: str
    keeps: bool = False

    def apply(self, text: str) -> str:
        if self.keeps:
            return compile_pattern(f"({self.pattern})").sub(self.replacement + r"\1", text)
        return compile_pattern(self.pattern).sub(self.replacement, text)


Steps = tuple[Step, ...]


@cache
def known_rules() -> MappingProxyType[str, Steps]:
    """The shipped rules by name, each a sequence of steps; `context/rules.json` says where they are from."""
    document = json.loads(files(__package__).joinpath("context/rules.json").read_text("utf-8"))
    return MappingProxyType({rule["id"]: tuple(map(_step, rule["steps"])) for rule in document["rules"]})


@lru_cache(maxsize=1_024)
def remaining_text(text: str, steps: Steps) -> str:
    """A folded text after all steps, in order."""
    remaining = folded_text(text)
    for step in steps:
        remaining = step.apply(remaining)
    return remaining


def _step(document: dict[str, Any]) -> Step:
    match document:
        case {"bar": str(pattern)}:
            return Step(pattern, BAR, keeps=True)
        case {"replace": str(pattern), "with": str(words)}:
            return Step(pattern, words)
        case _:
            return Step(document["mask"], BAR)
