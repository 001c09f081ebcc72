"""What nobody in the city does by himself, done once, so that these pages can be looked at too."""

from browser.demo import PROJECT
from django.urls import reverse
from django.utils import timezone

from throughline.evidence.feeds.actions import add_feed
from throughline.evidence.feeds.mappings.actions import preview_file
from throughline.evidence.feeds.models import Feed
from throughline.members.accounts.models import Person

SAMPLE = PROJECT / "tests" / "samples" / "ems_runs.csv"


def prepare(email: str) -> str:
    """Set up a feed that takes single reports, and have a mapping proposed for this person, who alone sees it.

    The address of the proposed mapping.
    """
    person, now = Person.objects.get(email=email), timezone.now()
    feed = Feed.objects.filter(format="tabular").order_by("pk")[0]
    if not Feed.objects.filter(format="odmap").exists():
        add_feed(
            key="reports", name="Single reports", provider=feed.provider, format="odmap", by=person, at=now
        )
    draft = preview_file(
        feed=feed,
        chunks=[SAMPLE.read_bytes()],
        file_name=SAMPLE.name,
        time_zone="America/Chicago",
        by=person,
        at=now,
    )
    return reverse("mapping_draft", args=[feed.key, draft.id])
