"""Writes the public account of how data were used, from the entries of the ledger."""

from collections import Counter
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from throughline.evidence.agreements.models import Agreement
from throughline.ledger.models import DailyRoot, Entry
from throughline.policy.sharing import OWN, Purpose
from throughline.results.publications import folder
from throughline.results.publications.uses import Root, Use, Uses, band

Key = tuple[date, str, str, str]  # day, purpose, organization, agreement


def account_for_uses(*, at: datetime) -> None:
    """Publish every granted read of the days that are over; does nothing where all of it is published already."""
    until = timezone.localdate(at)
    through = until - timedelta(days=1)
    roots = [Root(kept.on, kept.size, kept.root) for kept in DailyRoot.objects.all()]
    known = _known()
    if known and known.through == through and known.roots == roots:
        return
    with folder.writing():
        folder.replace_uses(Uses(through, _uses_before(until), roots, made_at=at))


def _known() -> Uses | None:
    try:
        return folder.read_uses()
    except folder.Unreadable:
        return None  # and written anew


def _uses_before(until: date) -> list[Use]:
    midnight = timezone.make_aware(datetime.combine(until, time.min))
    reads = Entry.objects.filter(verb="read_feed", at__lt=midnight).order_by().values_list("at", "detail")
    times = Counter(
        (timezone.localdate(at), asked["purpose"], asked["reader"], asked["agreement"])
        for at, asked in reads.iterator(chunk_size=2000)
    )
    titles = {str(agreement.pk): agreement.title for agreement in Agreement.objects.all()} | {OWN: ""}
    newest_first = sorted(times, key=lambda key: (-key[0].toordinal(), *key[1:]))
    return [_use(key, times[key], titles) for key in newest_first]


def _use(key: Key, times: int, titles: dict[str, str]) -> Use:
    on, purpose, organization, agreement = key
    return Use(on, Purpose(purpose), organization, titles.get(agreement, agreement), band(times))
