"""Walks through parsed JSON knowing the path at each step, so that every fault can name where it lies."""

from collections.abc import Iterator
from typing import Any, NoReturn

from throughline.formats.faults import Reason, ValueFault


class Node:
    """A value and its path, such as `Bundle.entry[3].resource`. What is missing is an empty node, not a fault.

    Raises ValueFault where a value is of another type than it is read as.
    """

    __slots__ = ("path", "value")

    def __init__(self, path: str, value: Any) -> None:
        self.path = path
        self.value = value

    def __bool__(self) -> bool:
        return self.value is not None

    def __truediv__(self, name: str) -> "Node":
        """The member of an object: `patient / "gender"`."""
        if self.value is None:
            return Node(f"{self.path}.{name}", None)
        if not isinstance(self.value, dict):
            self.refuse("an object")
        return Node(f"{self.path}.{name}", self.value.get(name))

    def __iter__(self) -> Iterator["Node"]:
        if self.value is None:
            return
        if not isinstance(self.value, list):
            self.refuse("a list")
        for position, value in enumerate(self.value):
            yield Node(f"{self.path}[{position}]", value)

    @property
    def first(self) -> "Node":
        return next(iter(self), Node(f"{self.path}[0]", None))

    @property
    def text(self) -> str:
        """A text or a number as it is written, blanks in a row made one; empty where there is none."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            self.refuse("a text or a number")
        return " ".join(self.value.split())

    @property
    def is_true(self) -> bool:
        if not isinstance(self.value, bool | None):
            self.refuse("true or false")
        return self.value is True

    def refuse(self, expected: str, reason: Reason = Reason.WRONG_TYPE) -> NoReturn:
        raise ValueFault(self.path, _brief(self.value), reason, expected)


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else str(value)
