"""Says what is known of a death after a newer record of it."""

from dataclasses import replace

from throughline.formats.event import Event

_CODED = ("underlying_cause=", "multiple_cause=", "entity_axis=")


def merged(earlier: Event, later: Event) -> Event:
    """The newer record in place of the earlier one; codes stay while the certifier's words and manner do.

    Codes come in messages of their own, after the certificate. A certificate that is sent again for another
    reason, such as a corrected address, must not lose them; one whose cause was pending must.
    """
    said_the_same = (later.texts, later.manner) == (earlier.texts, earlier.manner)
    if later.deleted or earlier.deleted or not said_the_same or _coded(later):
        return later
    return replace(
        later,
        codes=(*later.codes, *_coded(earlier)),
        substances=tuple(dict.fromkeys((*earlier.substances, *later.substances))),
    )


def _coded(event: Event) -> list[str]:
    return [code for code in event.codes if code.startswith(_CODED)]
