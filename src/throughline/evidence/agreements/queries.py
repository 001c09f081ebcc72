"""What pages ask of agreements and of the ledger's reads."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from throughline.evidence.agreements.clauses.library import heading_of
from throughline.evidence.agreements.models import Agreement, Comment, Stage
from throughline.formats.event import EVENT_FIELDS
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import COARSEST, Access, Purpose, Request, explain, explain_own_feed


@dataclass(frozen=True)
class AgreementLine:
    agreement: Agreement
    stage: Stage
    days_left: int | None
    refusals: int


def agreement_lines(on: date, at: datetime) -> list[AgreementLine]:
    """Every agreement: those that end soonest first, then by title, with refusals of its feed in 30 days."""
    refusals = dict(
        Entry.objects.filter(verb="refuse_read", at__gte=at - timedelta(days=30))
        .order_by()
        .values_list("subject")
        .annotate(Count("sequence"))
    )
    agreements = Agreement.objects.select_related("provider", "parent__parent")
    lines = [
        AgreementLine(
            agreement=agreement,
            stage=agreement.stage(on),
            days_left=(agreement.ends_on - on).days if agreement.ends_on else None,
            refusals=refusals.get(f"feed:{agreement.feed}", 0),
        )
        for agreement in agreements
    ]
    return sorted(lines, key=lambda line: (line.agreement.ends_on or date.max, line.agreement.title))


def comments_on(agreement: Agreement) -> list[tuple[str, Comment]]:
    """Counsel's comments, each with the heading of its clause, in the order in which they were made."""
    comments = agreement.comments.select_related("version", "made_by", "answered_by")
    return [(heading_of(comment.version.library, comment.term), comment) for comment in comments]


def fields_shared(
    feed: str, *, provider: Organization, reader: Organization | None, purpose: Purpose, on: date
) -> frozenset[str]:
    """What it makes sense to ask for: the fields of the broadest agreement that lets `reader` read for `purpose`.

    Empty where there is none. No grant: every read still asks for one.
    """
    if reader == provider and purpose is Purpose.QUALITY:
        return frozenset(EVENT_FIELDS)
    covering = Agreement.objects.covering(feed, provider=provider).in_force(on).filter(recipients=reader)
    shared = [frozenset(agreement.fields) for agreement in covering if purpose in agreement.purposes]
    return max(shared, key=len, default=frozenset())


def access_to(
    feed: str,
    *,
    provider: Organization,
    reader: Organization,
    purpose: Purpose,
    on: date,
    through: Organization | None = None,
) -> Access:
    """What `reader` could read of the feed on a day, under which agreement, and what forbids the rest.

    With `through`, what that recipient could pass on to the reader.

    The rules are those that `ask_grant` asks, over what was signed by the end of the day. It opens nothing.
    """
    asked = Request(
        feed=feed,
        recipient=reader.sharing_id,
        purpose=purpose,
        fields=frozenset(EVENT_FIELDS),
        on=on,
        precision=COARSEST,
        through=through.sharing_id if through else "",
    )
    if purpose is Purpose.QUALITY and reader.pk == provider.pk and not through:
        return explain_own_feed(asked, provider=provider.sharing_id)
    end_of_day = timezone.make_aware(datetime.combine(on, time.max))
    return explain(
        asked, Agreement.objects.covering(feed, provider=provider).signed(end_of_day).not_amended(on).terms()
    )


def reads_of(feed: str) -> QuerySet[Entry]:
    """Reads and refusals of one feed, the newest first."""
    return Entry.objects.filter(subject=f"feed:{feed}", verb__in=["read_feed", "refuse_read"]).order_by(
        "-sequence"
    )


def data_uses() -> QuerySet[Entry, dict[str, object]]:
    """Who read which feed for what, how often and when last."""
    return (
        Entry.objects.filter(verb__in=["read_feed", "refuse_read"])
        .order_by()
        .values("subject", "verb", "detail__reader", "detail__purpose")
        .annotate(times=Count("sequence"), last_at=Max("at"))
        .order_by("-last_at")
    )
