"""Unites the messages about one visit: a hospital registers it, updates it, and says at last how it ended."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from throughline.formats.event import Event
from throughline.formats.faults import Rejected

_TIME = ("occurred_at", "time_quality")
_PLACE = ("place", "place_method", "latitude", "longitude")
_UNITED = ("substances", "codes", "texts")
_NOTHING = {field.name: field.default for field in fields(Event)}
_SINGLE = ("outcome", "manner", "age", "age_group", "sex", "race", "ethnicity", "naloxone", "cause")
_OPEN_VISITS = 50_000


def merged(earlier: Event, later: Event) -> Event:
    """One visit as two messages tell it, or what was known of it and a message.

    - What the later one fills, counts; what it leaves open, stays as the earlier one said.
    - Codes, texts and substances of both are kept, once each, in the order in which they came.
    - A place and its coordinates stay together. Of two times the more exact one counts: a message that doesn't
      repeat when the visit began takes nothing from one that did.
    - Whether the visit was taken back, only the later one says.

    A message that comes twice changes nothing, and it makes no difference how a series of messages was divided into
    files: `merged(a, merged(b, c)) == merged(merged(a, b), c)`.
    """
    kept = [name for name in _SINGLE if getattr(later, name) == _NOTHING[name]]
    if later.place is None and later.latitude is None:
        kept += _PLACE
    if earlier.time_quality != "day" and later.time_quality == "day":
        kept += _TIME
    united: dict[str, Any] = {name: _united(getattr(earlier, name), getattr(later, name)) for name in _UNITED}
    return replace(later, **{name: getattr(earlier, name) for name in kept}, **united)


def _united(earlier: tuple[str, ...], later: tuple[str, ...]) -> tuple[str, ...]:
    return earlier if earlier == later else tuple(dict.fromkeys((*earlier, *later)))


def visits(
    readings: Iterable[Event | Rejected], *, most_open: int = _OPEN_VISITS
) -> Iterator[Event | Rejected]:
    """Each visit once, all its messages merged; what was set aside comes out at once.

    Memory is bounded: beyond `most_open`, the visit that has been without a message for longest comes out, and
    again if a message still follows. Whoever receives it merges the two.
    """
    open_visits: dict[str, Event] = {}
    for reading in readings:
        if isinstance(reading, Rejected):
            yield reading
            continue
        earlier = open_visits.pop(reading.record_id, None)
        open_visits[reading.record_id] = merged(earlier, reading) if earlier else reading
        if len(open_visits) > most_open:
            yield open_visits.pop(next(iter(open_visits)))
    yield from open_visits.values()
