"""Whether the ledger is whole."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from throughline.ledger.actions import name_of
from throughline.ledger.models import GENESIS, DailyRoot, Entry, Head
from throughline.ledger.tree import Tree

Fault = tuple[int, str]  # the number of an entry, and what is wrong with it
UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError)  # what Django and json say of odd values


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
    """Walk the ledger from its first entry; name the first one that was altered, moved, removed or put in.

    Then hold the daily roots against the chain, in which each was entered, and against the tree of its entries.

    `noted_head` is an earlier `Verification.head`, kept where no one who can write the database can reach it.
    Raises ValueError if it is not of that form.
    """
    noted = _parse_head(noted_head) if noted_head else None
    with transaction.atomic():
        # Writers wait, so that head, entries and roots belong together.
        head = Head.objects.select_for_update().first() or Head()
        walk = _Walk(head, noted)
        fault = walk.first_fault(Entry.objects.order_by("sequence").iterator(chunk_size=2000))
        fault = fault or _fault_of_roots(walk.tree, walk.closings)
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


@dataclass
class _Walk:
    """From the first entry to the last, as far as the chain is whole."""

    head: Head
    noted: Head | None
    length: int = 0
    last_hash: str = GENESIS
    tree: Tree = field(default_factory=Tree)
    closings: dict[str, Entry] = field(default_factory=dict)  # entries of `close_day`, by the root they name

    def first_fault(self, entries: Iterable[Entry]) -> Fault | None:
        try:
            for entry in entries:
                if fault := self._fault_of(entry):
                    return fault
                self._step(entry)
                if self._differs_from_noted():
                    return self.length, _("it, or one before it, was rewritten since the head was noted")
        except UNREADABLE:
            return self.length + 1, _("it was altered and can't be read")
        return _cut_off(self.noted or self.head, self.length) or self._fault_of_end()

    def _step(self, entry: Entry) -> None:
        self.length, self.last_hash = entry.sequence, entry.hash
        self.tree.append(entry.canonical().encode())
        if entry.verb == "close_day":
            self.closings[entry.subject] = entry

    def _differs_from_noted(self) -> bool:
        return (
            self.noted is not None
            and self.noted.sequence == self.length
            and self.noted.hash != self.last_hash
        )

    def _fault_of(self, entry: Entry) -> Fault | None:
        """What is wrong with the entry that comes next, or shows in it to be wrong with the one before."""
        expected = self.length + 1
        if entry.sequence < expected:
            return entry.sequence, _("it was put in before the first one")
        if entry.sequence > expected:
            return expected, _("it is missing")
        if entry.computed_hash() != entry.hash:
            return self._fault_of_altered(entry)
        if entry.previous_hash != self.last_hash:
            # Whole by itself, but it doesn't follow the one before: the one that nothing later bears out is false.
            false = self.length if self._is_borne_out(entry) else expected
            return max(false, 1), _("it was rewritten")
        return None

    def _fault_of_altered(self, entry: Entry) -> Fault:
        """An entry whose hash fits another number was only moved: the place where that begins has the fault."""
        if _fits(entry, as_number=entry.sequence - 1):
            return self.length, _("it was put in")
        if _fits(entry, as_number=entry.sequence + 1):
            return entry.sequence, _("another one stands in its place")
        return entry.sequence, _("it was altered")

    def _is_borne_out(self, entry: Entry) -> bool:
        if entry.sequence == self.head.sequence:
            return entry.hash == self.head.hash
        return Entry.objects.filter(sequence=entry.sequence + 1, previous_hash=entry.hash).exists()

    def _fault_of_end(self) -> Fault | None:
        if cut_off := _cut_off(self.head, self.length):
            return cut_off
        if self.length > self.head.sequence:
            return self.head.sequence + 1, _("it was put in past the end of the chain")
        if self.last_hash != self.head.hash:
            return max(self.length, 1), _("it was rewritten")
        return None


def _fits(entry: Entry, *, as_number: int) -> bool:
    columns = {column.attname: getattr(entry, column.attname) for column in Entry._meta.concrete_fields}
    return Entry(**columns | {"sequence": as_number}).computed_hash() == entry.hash


def _cut_off(head: Head, length: int) -> Fault | None:
    if length >= head.sequence:
        return None
    return length + 1, _("it and all later ones up to %(last)s are missing") % {"last": head.sequence}


def _fault_of_roots(tree: Tree, closings: dict[str, Entry]) -> Fault | None:
    """Whether every daily root is what the chain says it was, and what the entries up to it make."""
    try:
        roots = {name_of(root): root for root in DailyRoot.objects.all()}
    except UNREADABLE:
        return len(tree), _("a daily root was altered and can't be read")
    for name, closing in closings.items():
        if name not in roots:
            return closing.sequence, _("the root that it kept, %(name)s, is missing") % {"name": name}
    return next(
        filter(None, (_fault_of_root(root, name, tree, closings) for name, root in roots.items())), None
    )


def _fault_of_root(root: DailyRoot, name: str, tree: Tree, closings: dict[str, Entry]) -> Fault | None:
    closing = closings.get(name)
    if closing is None:
        return root.size, _("the root that ends with it, %(name)s, was put in") % {"name": name}
    if closing.detail != {"size": root.size, "root": root.root}:
        return closing.sequence, _("the root that it kept, %(name)s, was altered") % {"name": name}
    if root.size >= closing.sequence or tree.root(root.size) != root.root:
        return root.size, _("it, or one before it, was rewritten since %(name)s was kept") % {"name": name}
    return None
