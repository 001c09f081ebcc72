"""Reads a JSON document that people write, noting every fault with its path instead of stopping at the first."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")
Choice = TypeVar("Choice", bound=str)
_REQUIRED: Any = object()


class DocumentError(Exception):
    """A document with faults, one text each: its path in the document, what was found, what was expected."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Section:
    """One object of a document. Each setting is asked for by name; a fault is noted and the default returned.

    `close` then notes the settings that nobody asked for, which are mostly slips of the pen.
    """

    def __init__(self, value: Any, path: str, faults: list[str]) -> None:
        self.path = path
        self.faults = faults
        self._asked: set[str] = set()
        self._settings: Mapping[str, Any] = {}
        if isinstance(value, Mapping):
            self._settings = value
        else:
            self.fault("", value, "an object in braces")

    def fault(self, key: str, found: object, expected: str) -> None:
        path = ".".join(filter(None, (self.path, key))) or "the document"
        self.faults.append(f"{path}: found {_brief(found)}, expected {expected}.")

    def section(self, key: str) -> "Section | None":
        value = self.setting(key, None)
        return None if value is None else Section(value, self._path(key), self.faults)

    def sections(self, key: str) -> list["Section"]:
        values = self._typed(key, list, "a list of objects", [])
        return [Section(value, f"{self._path(key)}[{n}]", self.faults) for n, value in enumerate(values)]

    def text(self, key: str, default: str = _REQUIRED) -> str:
        return self._typed(key, str, "a text", default)

    def flag(self, key: str, default: bool) -> bool:
        return self._typed(key, bool, "true or false", default)

    def number(self, key: str, default: float, *, low: float, high: float) -> float:
        value = self.setting(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.fault(key, value, f"a number from {low:g} to {high:g}")
        return default

    def whole(self, key: str, default: int, *, low: int, high: int) -> int:
        value = self.number(key, default, low=low, high=high)
        if value != int(value):
            self.fault(key, value, "a whole number")
        return int(value)

    def choice(self, key: str, choices: tuple[Choice, ...]) -> Choice:
        """One of `choices`, of which the first is the default."""
        value = self.setting(key, choices[0])
        if value not in choices:
            self.fault(key, value, "one of " + ", ".join(choices))
        return choices[choices.index(value)] if value in choices else choices[0]

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        values = self._typed(key, list, "a list of texts", list(default))
        if all(isinstance(value, str) for value in values):
            return tuple(values)
        self.fault(key, values, "a list of texts")
        return default

    def text_map(self, key: str) -> dict[str, str]:
        values = self._typed(key, dict, "an object of texts", {})
        if all(isinstance(value, str) for value in values.values()):
            return values
        self.fault(key, values, "an object of texts")
        return {}

    def setting(self, key: str, default: Any = _REQUIRED) -> Any:
        """The setting as it stands; a required one that is missing is a fault."""
        self._asked.add(key)
        value = self._settings.get(key)
        if value is not None:
            return value
        if default is _REQUIRED:
            self.fault(key, None, "a value")
            return None
        return default

    def close(self) -> None:
        for key in self._settings.keys() - self._asked:
            near = get_close_matches(key, self._asked, n=1)
            self.fault(key, key, f"a known setting ({near[0]}?)" if near else "a known setting")

    def _typed(self, key: str, kind: type[T], expected: str, default: T) -> T:
        value = self.setting(key, default)
        if isinstance(value, kind):
            return value
        if value is not None:
            self.fault(key, value, expected)
        return kind() if default is _REQUIRED else default

    def _path(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def _brief(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:60] + "…"
