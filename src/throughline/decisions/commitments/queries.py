"""Who keeps which promises, how they stand, and how promises are kept overall."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from throughline.decisions.commitments.models import Commitment, Outcome, Slip
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group, Seat
from throughline.policy import deadlines


@dataclass(frozen=True)
class PromiseCount:
    """`kept` counts promises done on the day first named; one moved in time and then done is kept as well.

    `slipped` were done, but late. Overdue promises are among the open ones.
    """

    open: int
    overdue: int
    kept: int
    moved_in_time: int
    slipped: int
    dropped: int


def count_promises(commitments: QuerySet[Commitment], *, on: date) -> PromiseCount:
    moves = Slip.objects.filter(commitment=OuterRef("pk"))
    is_open, is_done = Q(closed_at__isnull=True), Q(outcome=Outcome.DONE)
    slipped = Q(has_slipped=True) | Q(closed_at__date__gt=F("due_on"))
    figures = commitments.annotate(
        has_moved=Exists(moves), has_slipped=Exists(moves.filter(counts=True))
    ).aggregate(
        open=Count("pk", filter=is_open),
        overdue=Count("pk", filter=is_open & Q(due_on__lt=on)),
        kept=Count("pk", filter=is_done & ~slipped & Q(has_moved=False)),
        moved_in_time=Count("pk", filter=is_done & ~slipped & Q(has_moved=True)),
        slipped=Count("pk", filter=is_done & slipped),
        dropped=Count("pk", filter=Q(outcome=Outcome.DROPPED)),
    )
    return PromiseCount(**figures)


def commitments_with_people() -> QuerySet[Commitment]:
    """With all that a line of a list shows: the first due first."""
    return Commitment.objects.select_related("owner", "deputy", "group", "signal").prefetch_related("slips")


def clock_of(commitment: Commitment, *, on: date) -> deadlines.Clock:
    """Where the promise stands by the rules of deadlines."""
    moves = [
        deadlines.Renegotiation(timezone.localdate(slip.asked_at), slip.to_on)
        for slip in commitment.slips.all()
    ]
    closed_on = timezone.localdate(commitment.closed_at) if commitment.closed_at else None
    is_done = commitment.outcome == Outcome.DONE
    return deadlines.clock(
        commitment.first_due_on,
        on,
        renegotiations=moves,
        done_on=closed_on if is_done else None,
        dropped_on=None if is_done else closed_on,
    )


def chair_of(group: Group | None, *, on: date) -> Person | None:
    seat = group.seat_of("chair", on=on) if group else None
    return seat.holder if seat else None


def may_keep(person: Person, commitment: Commitment, *, on: date) -> bool:
    """Its owner and deputy may move, prove and close it; so may the group's chair and project managers."""
    if person.pk in {commitment.owner_id, commitment.deputy_id}:
        return True
    over_it = Q(role="project_manager") | Q(role="chair", group=commitment.group_id)
    return Seat.objects.held_by(person, on=on).filter(over_it).exists()


def manages_projects(person: Person, *, on: date) -> bool:
    return Seat.objects.held_by(person, on=on).filter(role="project_manager").exists()
