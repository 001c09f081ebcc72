"""The same on a real file: received, counted under an agreement, measured, published, read by anyone."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from apps.results.situations import AT, MOVED_AT, SPIKE_ON, answer
from django.core.exceptions import ValidationError
from django.test import Client
from factories import make_organization, make_person, make_place, signed_agreement

from throughline.action.response.models import Response
from throughline.evidence.feeds.actions import add_feed, save_mapping
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.ledger.models import Entry
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.results.evaluation.actions import measure_effect
from throughline.results.publications.actions import publish_effect

MAPPING: dict[str, Any] = {
    "record_id": {"columns": ["number"]},
    "occurred_at": {"columns": ["when"], "formats": ["%Y-%m-%d %H:%M"], "time_zone": "America/New_York"},
    "place": {"code": {"columns": ["ward"]}},
}
Agree = Callable[..., None]


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.WAREHOUSE_DIR = tmp_path / "warehouse"
    settings.INBOX_DIR = tmp_path / "inbox"


@pytest.fixture
def recorded_since() -> date:
    return SPIKE_ON - timedelta(days=120)


@pytest.fixture
def response(db: None, tmp_path: Path, recorded_since: date) -> Response:
    """Two wards: in Ward 8 overdoses fell from three every second day to one a week, in Ward 2 they did not."""
    for code, name in (("W8", "Ward 8"), ("W2", "Ward 2")):
        make_place(code=code, name=name, population=10_000, latitude=40.0, longitude=-75.0)
    ems = make_organization(name="County EMS", sector="ems")
    feed = add_feed(key="ems", name="EMS", provider=ems, counts_for=["overdoses"], by="test", at=MOVED_AT)
    save_mapping(feed=feed, definition=MAPPING, by="test", at=MOVED_AT)
    path = tmp_path / "events.csv"
    path.write_text(
        "number,when,ward\n" + "".join(f"{n},{row}\n" for n, row in enumerate(_rows(recorded_since)))
    )
    receive_delivery(feed=feed, path=path, by="test", at=AT - timedelta(days=1))
    return answer()


def _rows(first: date) -> list[str]:
    last = SPIKE_ON + timedelta(days=59)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [f"{day} 12:00,{ward}" for day in days for ward in ("W2", "W8") for _ in range(_count(day, ward))]


def _count(day: date, ward: str) -> int:
    if ward == "W8" and day > SPIKE_ON:
        return 1 if day.weekday() == 0 else 0
    return 3 * (day.toordinal() % 2)


@pytest.fixture
def agree(response: Response) -> Agree:
    backbone = make_organization(name="Backbone", is_backbone=True)

    def signed(*purposes: str) -> None:
        signed_agreement(Feed.objects.get(), recipients=[backbone], purposes=list(purposes))

    return signed


def analyst() -> Person:
    return make_person(organization=Organization.objects.get(is_backbone=True))


def test_from_a_file_to_a_public_page(
    client: Client, response: Response, agree: Agree, django_capture_on_commit_callbacks: Any
) -> None:
    agree("evaluation", "publication")
    effect = measure_effect(response=response, as_of=AT, by=analyst(), at=AT)
    assert (effect.before, effect.after) == (126, 4)
    assert (effect.comparison_before, effect.comparison_after) == (126, 42)
    assert effect.finding == "fewer"
    with django_capture_on_commit_callbacks(execute=True):
        publish_effect(effect=effect, title="Ward 8", summary="A unit was posted.", by=analyst(), at=AT)
    page = client.get("/public/ward-8/").content.decode()
    assert page.count('<span class="tl-withheld">withheld</span>') >= 4  # the 4, and what gives it away
    assert "fewer than expected" not in page


def test_events_that_came_later_do_not_change_what_was_known(response: Response, agree: Agree) -> None:
    agree("evaluation")
    before_delivery = AT - timedelta(days=2)
    effect = measure_effect(response=response, as_of=before_delivery, by=analyst(), at=AT)
    assert (effect.before, effect.after, effect.settled) == (0, 0, False)


def test_without_leave_to_publish_nothing_is_published(response: Response, agree: Agree) -> None:
    agree("evaluation")
    effect = measure_effect(response=response, as_of=AT, by=analyst(), at=AT)
    with pytest.raises(ValidationError, match="may not read the feed ems for publishing counts"):
        publish_effect(effect=effect, title="Ward 8", summary="", by=analyst(), at=AT)
    assert not Entry.objects.filter(verb="publish_effect").exists()


@pytest.mark.parametrize("recorded_since", [date(2026, 1, 9)])
def test_before_begins_with_the_records(response: Response, agree: Agree, recorded_since: date) -> None:
    agree("evaluation")
    effect = measure_effect(response=response, as_of=AT, by=analyst(), at=AT)
    assert (effect.before_from_on, effect.before_to_on) == (date(2026, 1, 9), date(2026, 2, 6))


@pytest.mark.parametrize("recorded_since", [date(2026, 1, 11), date(2026, 2, 20)])  # 27 days before, and none
def test_with_too_few_records_before_there_is_nothing_to_compare_with(
    response: Response, agree: Agree, recorded_since: date
) -> None:
    agree("evaluation")
    with pytest.raises(ValidationError, match=rf"Records begin on .* {recorded_since.day}, 2026.* 28 days"):
        measure_effect(response=response, as_of=AT, by=analyst(), at=AT)
    assert not response.effects.exists()


def test_nobody_else_measures_or_publishes_in_the_backbones_name(response: Response, agree: Agree) -> None:
    agree("evaluation", "publication")
    stranger = make_person(organization=make_organization())
    effect = measure_effect(response=response, as_of=AT, by=analyst(), at=AT)
    read_so_far = Entry.objects.filter(verb="read_feed").count()
    with pytest.raises(ValidationError, match="in the name of Backbone, by its own people only"):
        measure_effect(response=response, as_of=AT, by=stranger, at=AT)
    with pytest.raises(ValidationError, match="in the name of Backbone, by its own people only"):
        publish_effect(effect=effect, title="Ward 8", summary="A unit was posted.", by=stranger, at=AT)
    assert Entry.objects.filter(verb="read_feed").count() == read_so_far
    assert response.effects.count() == 1
