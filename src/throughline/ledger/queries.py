"""Whether the chain is whole."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from throughline.ledger.actions import name_of
from throughline.ledger.models import GENESIS, Entry, Head

Fault = tuple[int, str]  # the number of an entry, and what is wrong with it


@dataclass(frozen=True)
class Verification:
    """The chain is whole for `entries` entries; then, if anything is wrong, `fault` at entry `broken_at`."""

    entries: int
    broken_at: int | None = None
    fault: str = ""
    head: str = ""  # `sequence:hash`, to be noted elsewhere and given to a later `verify`

    @property
    def intact(self) -> bool:
        return self.broken_at is None

    @property
    def sentence(self) -> str:
        """The result in words for the person who asked."""
        if self.intact:
            return _("The ledger is whole: %(entries)s entries, head %(head)s.") % vars(self)
        return _("The ledger is broken at entry %(broken_at)s: %(fault)s.") % vars(self)


def verify(*, noted_head: str = "") -> Verification:
    """Walk the chain from its first entry; name the first one that was altered, removed or put in.

    `noted_head` is an earlier `Verification.head`, kept where no one who can write the database can reach it.
    Raises ValueError if it is not of that form.
    """
    noted = _parse_head(noted_head) if noted_head else None
    with transaction.atomic():
        # Writers wait, so that head and entries belong together.
        head = Head.objects.select_for_update().first() or Head()
        fault = _first_fault(Entry.objects.order_by("sequence").iterator(chunk_size=2000), head, noted)
    if fault:
        return Verification(max(fault[0] - 1, 0), *fault)
    return Verification(head.sequence, head=str(head))


def entries_about(thing: object) -> list[Entry]:
    return list(Entry.objects.filter(subject=name_of(thing)))


def _parse_head(text: str) -> Head:
    sequence, _colon, digest = text.strip().partition(":")
    if not (sequence.isdecimal() and len(digest) == len(GENESIS)):
        raise ValueError(
            _("“%(text)s” is not the head of a ledger, expected `number:hash`.") % {"text": text}
        )
    return Head(sequence=int(sequence), hash=digest)


def _first_fault(entries: Iterable[Entry], head: Head, noted: Head | None) -> Fault | None:
    length, last_hash = 0, GENESIS
    for entry in entries:
        if fault := _fault_of(entry, after=length, last_hash=last_hash):
            return fault
        length, last_hash = entry.sequence, entry.hash
        if noted and noted.sequence == length and noted.hash != last_hash:
            return length, _("it, or one before it, was rewritten since the head was noted")
    return _cut_off(noted or head, length) or _fault_of_end(head, length, last_hash)


def _fault_of(entry: Entry, *, after: int, last_hash: str) -> Fault | None:
    """What is wrong with the entry that follows number `after`, or shows in it to be wrong with that one."""
    expected = after + 1
    if entry.sequence < expected:
        return entry.sequence, _("it was put in before the first one")
    if entry.sequence > expected:
        return expected, _("it is missing")
    if entry.computed_hash() != entry.hash:
        return expected, _("it was altered")
    if entry.previous_hash != last_hash:
        # The entry itself is whole, so the one before was rewritten together with its hash.
        return max(after, 1), _("it was rewritten")
    return None


def _fault_of_end(head: Head, length: int, last_hash: str) -> Fault | None:
    if cut_off := _cut_off(head, length):
        return cut_off
    if length > head.sequence:
        return head.sequence + 1, _("it was put in past the end of the chain")
    if last_hash != head.hash:
        return max(length, 1), _("it was rewritten")
    return None


def _cut_off(head: Head, length: int) -> Fault | None:
    if length >= head.sequence:
        return None
    return length + 1, _("it and all later ones up to %(last)s are missing") % {"last": head.sequence}
