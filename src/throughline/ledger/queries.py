"""Whether the chain is whole."""

from dataclasses import dataclass

from throughline.ledger.models import GENESIS, Entry, Head


@dataclass(frozen=True)
class Verification:
    entries: int
    broken_at: int | None = None
    fault: str = ""

    @property
    def intact(self) -> bool:
        return self.broken_at is None


def verify() -> Verification:
    """Walk the chain from its first entry; name the first one that was altered, removed or put in."""
    previous, expected = GENESIS, 1
    for entry in Entry.objects.order_by("sequence").iterator(chunk_size=2000):
        if entry.sequence != expected:
            return Verification(expected - 1, expected, f"entry {expected} is missing")
        if entry.previous_hash != previous:
            return Verification(
                expected - 1, expected, f"entry {expected} does not follow entry {expected - 1}"
            )
        if entry.computed_hash() != entry.hash:
            return Verification(expected - 1, expected, f"entry {expected} was altered")
        previous, expected = entry.hash, expected + 1
    return _against_head(Head.objects.first(), length=expected - 1, last_hash=previous)


def _against_head(head: Head | None, *, length: int, last_hash: str) -> Verification:
    known = (head.sequence, head.hash) if head else (0, GENESIS)
    if known == (length, last_hash):
        return Verification(length)
    return Verification(length, length + 1, f"the chain ends at entry {length}, its head says {known[0]}")


def entries_about(thing: object) -> "list[Entry]":
    from throughline.ledger.actions import name_of

    return list(Entry.objects.filter(subject=name_of(thing)))
