"""An answered spike in a folder and a coalition of its own."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from apps.results.situations import AT, Counts, answer, deliver
from factories import make_organization, make_person, make_place

from throughline.action.response.models import Response
from throughline.evidence.feeds.models import Feed
from throughline.members.organizations.models import Organization
from throughline.results.evaluation import queries
from throughline.results.evaluation.actions import measure_effect
from throughline.results.evaluation.models import Effect


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    fake = Counts()
    monkeypatch.setattr(queries, "daily_counts", fake.daily_counts)
    return fake


@pytest.fixture(autouse=True)
def published(settings: Any, tmp_path: Path) -> Path:
    """Every test publishes into a folder of its own."""
    settings.PUBLICATIONS_DIR = tmp_path / "publications"
    return settings.PUBLICATIONS_DIR


@pytest.fixture
def backbone(db: None) -> Organization:
    return make_organization(name="Backbone", is_backbone=True)


@pytest.fixture
def feed(backbone: Organization) -> Feed:
    """A feed that reported long after everything here."""
    feed = Feed.objects.create(key="ems", name="EMS", provider=backbone, counts_for=["overdoses"])
    deliver(feed, usable_at=AT - timedelta(days=1))
    return feed


@pytest.fixture
def places(feed: Feed, counts: Counts) -> None:
    """Ward 8 is in trouble; Wards 2 and 3 are much like it; Far Ward is not."""
    for code, name, population in (
        ("W8", "Ward 8", 10_000),
        ("W2", "Ward 2", 10_000),
        ("W3", "Ward 3", 10_000),
        ("FAR", "Far Ward", 1_000_000),
    ):
        make_place(code=code, name=name, population=population)
    counts.set("W8", before=42, after=9)
    counts.set("W2", before=30, after=14)
    counts.set("W3", before=54, after=17)
    counts.set("FAR", before=5, after=5)


@pytest.fixture
def response(places: None) -> Response:
    return answer()


@pytest.fixture
def measured(response: Response, counts: Counts) -> Callable[..., Effect]:
    """`measured(here=(42, 9), elsewhere=(84, 31))` sets the counts and measures."""

    def measure(
        here: tuple[int, int] = (42, 9), elsewhere: tuple[int, int] = (84, 31), **settings: Any
    ) -> Effect:
        counts.set("W8", before=here[0], after=here[1])
        counts.set("W2", before=elsewhere[0], after=elsewhere[1])
        counts.set("W3", before=0, after=0)
        counts.set("FAR", before=0, after=0)
        fields = {"response": response, "as_of": AT, "at": AT} | settings
        return measure_effect(by=fields.pop("by", None) or make_person(), **fields)

    return measure
