"""What an indicator is: a definition that people can read and a selection that the warehouse can count."""

from dataclasses import dataclass

from throughline.formats.event import OVERDOSE
from throughline.formats.selection import Filter


@dataclass(frozen=True, slots=True)
class Indicator:
    """A number that the coalition watches. All texts are marked for translation where they are written.

    `one` and `many` name what is counted ("overdose death", "overdose deaths"); `definition` is a plain
    sentence. `where` names the measure, so that no overdose is added to a kit. `harm` is what people must
    answer: only that is searched for spikes and hotspots.
    """

    key: str
    name: str
    one: str
    many: str
    definition: str
    where: Filter
    harm: bool = True

    @property
    def fields(self) -> frozenset[str]:
        """The event fields that a grant must allow so that this indicator can be counted by place and day."""
        return self.where.needs | {"occurred_at", "place"}

    def selection(self, *, by_definition: bool) -> Filter:
        """Which records count. Where a case definition says what an overdose is, none needs to call itself one."""
        is_of_overdoses = OVERDOSE in self.where.values.get("measure", frozenset())
        return self.where.without("measure") if by_definition and is_of_overdoses else self.where
