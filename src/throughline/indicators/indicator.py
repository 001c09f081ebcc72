"""What an indicator is: a definition that people can read and a selection that the warehouse can count."""

from dataclasses import dataclass

from throughline.formats.selection import Filter


@dataclass(frozen=True, slots=True)
class Indicator:
    """A number that the coalition watches. All texts are marked for translation where they are written.

    `one` and `many` name what is counted ("overdose death", "overdose deaths"); `definition` is a plain
    sentence.
    """

    key: str
    name: str
    one: str
    many: str
    definition: str
    where: Filter

    @property
    def fields(self) -> frozenset[str]:
        """The event fields that a grant must allow so that this indicator can be counted by place and day."""
        return self.where.fields | {"occurred_at", "place"}
