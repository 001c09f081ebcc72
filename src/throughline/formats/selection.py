"""Says which events a question is about, in one form that memory and the warehouse both understand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

from throughline.formats.event import EVENT_FIELDS, Event, Kind

_SELECTABLE = {
    name for name, known in EVENT_FIELDS.items() if known.kind in (Kind.TEXT, Kind.TEXTS, Kind.FLAG)
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Events whose every named field has one of its listed values; `substances` needs any one of them in
    common.

    >>> Filter.where(outcome={"fatal"}, substances={"heroin", "fentanyl"}).fields == {"outcome", "substances"}
    True
    """

    values: Mapping[str, frozenset[str | bool]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if unknown := self.values.keys() - _SELECTABLE:
            raise ValueError(f"Events can't be selected by {', '.join(sorted(unknown))}.")

    @classmethod
    def where(cls, **values: Collection[str | bool]) -> Self:
        return cls(MappingProxyType({name: frozenset(allowed) for name, allowed in values.items()}))

    @property
    def fields(self) -> frozenset[str]:
        """What the filter looks at."""
        return frozenset(self.values)

    @property
    def needs(self) -> frozenset[str]:
        """What a grant must allow before this filter can be applied: what is counted says nothing of anyone."""
        return self.fields - {"measure"}

    def without(self, name: str) -> Self:
        """The same, whatever the field holds."""
        return type(self).where(**{key: allowed for key, allowed in self.values.items() if key != name})

    def matches(self, event: Event) -> bool:
        return all(_has(getattr(event, name), allowed) for name, allowed in self.values.items())


EVERY_EVENT = Filter()


def _has(value: object, allowed: frozenset[str | bool]) -> bool:
    if isinstance(value, tuple):
        return not allowed.isdisjoint(value)
    return value in allowed
