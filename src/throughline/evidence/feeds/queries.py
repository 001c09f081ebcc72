"""What is known about feeds: where their files lie, which may be counted, and by whom."""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.gazetteer import Place as KnownPlace
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.policy.sharing import Purpose
from throughline.warehouse import Warehouse


def warehouse() -> Warehouse:
    return Warehouse(settings.WAREHOUSE_DIR, time_zone=timezone.get_default_timezone_name())


def gazetteer() -> Gazetteer:
    """The installation's finest places; a point falls to the one around it, or to the nearest centre."""
    finest = Place.objects.filter(children=None).exclude(latitude=None).order_by("code")
    return Gazetteer(
        KnownPlace(place.code, place.latitude, place.longitude, place.boundary) for place in finest
    )


def committed_deliveries(feed: Feed, *, as_of: datetime | None = None) -> list[str]:
    """Ids of the deliveries whose events count, or counted at an earlier instant; the oldest first."""
    deliveries = feed.deliveries.standing() if as_of is None else feed.deliveries.usable_by(as_of)
    deliveries = deliveries.kept().order_by("usable_at", "recorded_at")
    return [str(pk) for pk in deliveries.values_list("pk", flat=True)]


def changed_since(delivery: Delivery) -> int:
    """Of how many records that a delivery brought, later files say something else now."""
    later = delivery.feed.deliveries.standing().filter(received_at__gt=delivery.received_at, revisions__gt=0)
    names = [str(pk) for pk in later.values_list("pk", flat=True)]
    if not names or delivery.withdrawn_at:
        return 0
    return warehouse().changed_since(delivery.feed.key, str(delivery.pk), names)


def may_deliver(person: Person, feed: Feed) -> bool:
    """Whether the feed's files are this person's business: the provider's people, its steward, the backbone's."""
    of_the_provider = person.organization_id == feed.provider_id or person.pk == feed.steward_id
    return of_the_provider or (person.organization is not None and person.organization.is_backbone)


def may_see_counts(person: Person, feeds: Iterable[str], *, on: date) -> bool:
    """Whether counts made from all these feeds, by their keys, may be shown to a person.

    Yes to the backbone's people. To others only where each feed is their organization's own, or an agreement
    of its provider, in force on that day, names the organization and allows the purpose of response.
    """
    own = person.organization
    if own is None:
        return False
    wanted = set(feeds)
    return own.is_backbone or (bool(wanted) and wanted <= _feeds_open_to(own, on))


def _feeds_open_to(organization: Organization, on: date) -> set[str]:
    """Keys of the feeds that it sends, or that are shared with it to respond."""
    provider_of = dict(Feed.objects.values_list("key", "provider_id"))
    received = Agreement.objects.in_force(on).filter(recipients=organization)
    shared = {
        agreement.feed
        for agreement in received
        if Purpose.RESPONSE in agreement.purposes and provider_of.get(agreement.feed) == agreement.provider_id
    }
    return shared | {key for key, provider in provider_of.items() if provider == organization.pk}
