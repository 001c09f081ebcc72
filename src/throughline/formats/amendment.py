"""Holds what adds to a record that came before, such as the codes of a death whose certificate was sent earlier."""

from dataclasses import dataclass, replace

from throughline.formats.event import SUBSTANCES, UNKNOWN, Event
from throughline.formats.faults import Rejected

_ORDER = {substance: position for position, substance in enumerate(SUBSTANCES)}


@dataclass(frozen=True, slots=True)
class Amendment(Rejected):
    """A row without a record of its own: set aside, unless whoever receives it knows the record that it adds to.

    `adds` is that record as far as the row says it; its time and place mean nothing.
    """

    adds: Event

    def completes(self, known: Event) -> Event:
        """The known record with what this row adds: its codes in place of those of the same elements."""
        return replace(
            known,
            manner=known.manner if self.adds.manner == UNKNOWN else self.adds.manner,
            codes=_replaced(known.codes, self.adds.codes),
            substances=tuple(sorted({*known.substances, *self.adds.substances}, key=_ORDER.__getitem__)),
            row=self.adds.row,
        )


def _replaced(known: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    elements = {code.partition("=")[0] for code in new}
    return (*(code for code in known if code.partition("=")[0] not in elements), *new)
