"""Which feeds must be destroyed, until when; and what a certificate says."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef

from throughline.evidence.agreements.models import Agreement, Destruction
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.ledger.models import canonical_json


@dataclass(frozen=True)
class Obligation:
    """A feed that nothing covers any more, and the agreement under which it was shared last."""

    feed: Feed
    agreement: Agreement
    ended_on: date

    @property
    def due_on(self) -> date:
        return self.ended_on + timedelta(days=self.agreement.destruction_days)


def obligations(on: date) -> list[Obligation]:
    """Feeds whose agreements have all ended and whose files are still here; the most urgent first."""
    ended = _ended_agreements(on)
    kept = Delivery.objects.kept().filter(feed=OuterRef("pk"))
    feeds = Feed.objects.filter(Exists(kept)).select_related("provider")
    found = [_obligation(feed, ended[feed.key, feed.provider_id]) for feed in feeds]
    return sorted((one for one in found if one), key=lambda one: one.due_on)


def obligation_of(feed: Feed, on: date) -> Obligation | None:
    return next((one for one in obligations(on) if one.feed == feed), None)


def certificate_of(destruction: Destruction, finished_at: datetime) -> str:
    """What was destroyed, by whom and when, for the provider to keep: canonical JSON, signed off in the ledger."""
    agreement = destruction.agreement
    document = {
        "agreement": agreement.pk,
        "title": agreement.title,
        "text_sha256": agreement.text_hash,
        "provider": agreement.provider.name,
        "feed": destruction.feed,
        "begun_at": destruction.begun_at.isoformat(),
        "finished_at": finished_at.isoformat(),
        "destroyed_by": destruction.begun_by.full_name,
        "files": destruction.files,
    }
    return canonical_json(document)


def _ended_agreements(on: date) -> dict[tuple[str, int], list[Agreement]]:
    """By feed and provider, all that were signed; none where one of them still lasts."""
    lasting = set(Agreement.objects.lasting(on).values_list("feed", "provider_id"))
    ended = defaultdict(list)
    for agreement in Agreement.objects.exclude(signed_at=None).select_related("provider"):
        if (agreement.feed, agreement.provider_id) not in lasting:
            ended[agreement.feed, agreement.provider_id].append(agreement)
    return ended


def _obligation(feed: Feed, ended: list[Agreement]) -> Obligation | None:
    days = [(day, agreement.pk, agreement) for agreement in ended if (day := agreement.ended_on())]
    if not days:
        return None
    ended_on, _pk, last = max(days)
    return Obligation(feed, last, ended_on)
