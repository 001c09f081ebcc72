"""One overdose, reported in four answers, on a form or by a program."""

import json
from collections.abc import Callable

import pyarrow.parquet as pq
import pytest
from apps.evidence.conftest import AT
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from factories import make_person, person_with

from throughline.evidence.feeds.actions import add_feed, receive_next
from throughline.evidence.feeds.doors.actions import make_token
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.queries import committed_deliveries, warehouse
from throughline.formats.event import Event

FOUR = {"occurred_at": "2026-03-01T10:00", "place": "W1", "outcome": "nonfatal", "naloxone": "single"}


@pytest.fixture
def spikes(feed: Feed) -> Feed:
    """A feed of the format that reads the columns of reports."""
    return add_feed(key="spikes", name="Reports", format="odmap", provider=feed.provider, by="test", at=AT)


@pytest.fixture
def officer(spikes: Feed, client_for: Callable[..., Client]) -> Client:
    return client_for(person_with(role="data_steward", organization=spikes.provider))


@pytest.fixture
def send(spikes: Feed) -> Callable[..., HttpResponse]:
    secret = make_token(feed=spikes, name="CAD server", by=make_person(), at=AT)

    def post(answers: object, **headers: str) -> HttpResponse:
        body = answers if isinstance(answers, bytes) else json.dumps(answers).encode()
        headers = {"authorization": f"Bearer {secret}"} | headers
        return Client().post(
            "/api/feeds/spikes/reports", body, content_type="application/json", headers=headers
        )

    return post


def received(feed: Feed) -> list[Event]:
    while receive_next(at=timezone.now()):
        pass
    names = committed_deliveries(feed)
    files = [warehouse().event_file(feed.key, name) for name in names]
    known = {key for file in files for key in pq.read_table(file)["record_id"].to_pylist()}
    return list(warehouse().latest_events(feed.key, names, known).values())


class TestTheForm:
    def test_four_answers_are_enough(self, spikes: Feed, officer: Client) -> None:
        assert officer.post("/feeds/spikes/report/", FOUR).status_code == 302
        (event,) = received(spikes)
        assert (event.place, event.outcome) == ("W1", "nonfatal")
        assert event.occurred_at.isoformat() == "2026-03-01T15:00:00+00:00"
        assert spikes.deliveries.get().door == "form"

    def test_coordinates_instead_of_a_place(self, spikes: Feed, officer: Client) -> None:
        where = {"place": "", "latitude": "40.01", "longitude": "-75.0"}
        officer.post(
            "/feeds/spikes/report/", FOUR | where | {"notes": 'said "help",\nthen  slept', "age": "34"}
        )
        (event,) = received(spikes)
        assert (event.place, event.age) == ("W1", 34)
        assert event.texts == ('notes=said "help", then slept',)

    def test_sent_twice_it_is_one_report(self, spikes: Feed, officer: Client) -> None:
        for _thumb in range(2):
            officer.post("/feeds/spikes/report/", FOUR | {"entry_id": "from-the-page"})
        assert len(received(spikes)) == 1

    def test_two_that_read_the_same_are_two(self, spikes: Feed, officer: Client) -> None:
        page = officer.get("/feeds/spikes/report/").content.decode()
        again = officer.get("/feeds/spikes/report/").content.decode()
        for shown in (page, again):
            number = shown.partition('name="entry_id" value="')[2].partition('"')[0]
            officer.post("/feeds/spikes/report/", FOUR | {"entry_id": number})
        assert len(received(spikes)) == 2

    def test_two_people_of_one_case_are_two(self, spikes: Feed, officer: Client) -> None:
        for number in ("1", "2"):
            officer.post("/feeds/spikes/report/", FOUR | {"case_number": "26-117", "entry_id": number})
        assert [event.codes for event in received(spikes)] == [("naloxone=single", "case_number=26-117")] * 2

    @pytest.mark.parametrize(
        ("answers", "sentence"),
        [
            ({"place": ""}, "Say where it was"),
            ({"place": "", "latitude": "40.01"}, "Give both latitude and longitude"),
            ({"occurred_at": "2126-03-01T10:00"}, "This is in the future"),
            ({"naloxone": ""}, "This field is required"),
        ],
    )
    def test_what_is_missing_or_wrong_is_said(
        self, spikes: Feed, officer: Client, answers: dict[str, str], sentence: str
    ) -> None:
        assert sentence in officer.post("/feeds/spikes/report/", FOUR | answers).content.decode()
        assert not spikes.intakes.exists()

    def test_only_where_the_mapping_reads_it_and_for_those_who_may_deliver(
        self, spikes: Feed, officer: Client, client_for: Callable[..., Client]
    ) -> None:
        assert officer.get("/feeds/ems/report/").status_code == 404
        assert client_for("data_steward").get("/feeds/spikes/report/").status_code == 403
        assert "/feeds/spikes/report/" in officer.get("/feeds/spikes/").content.decode()


class TestOwnReports:
    @pytest.fixture
    def sent(self, spikes: Feed, officer: Client) -> str:
        """The address of a report that was received."""
        officer.post("/feeds/spikes/report/", FOUR | {"entry_id": "a7", "notes": "found down"})
        received(spikes)
        return f"/feeds/spikes/report/{spikes.intakes.get().pk}/"

    def newest(self, feed: Feed) -> str:
        return f"/feeds/{feed.key}/report/{feed.intakes.first().pk}/"

    def test_the_answers_are_shown_to_be_corrected_and_the_record_stays_the_same(
        self, spikes: Feed, officer: Client, sent: str
    ) -> None:
        assert sent in officer.get("/feeds/spikes/report/").content.decode()
        page = officer.get(sent).content.decode()
        assert "2026-03-01T10:00" in page
        assert "found down" in page
        officer.post(sent, FOUR | {"outcome": "fatal", "entry_id": "another"})
        (event,) = received(spikes)
        assert (event.record_id, event.outcome) == ("a7", "fatal")
        assert officer.get(sent).status_code == 404, "only the newest version is corrected"

    def test_a_correction_back_to_the_first_answers_counts(
        self, spikes: Feed, officer: Client, sent: str
    ) -> None:
        for outcome in ("fatal", "nonfatal"):
            officer.post(self.newest(spikes), FOUR | {"outcome": outcome, "notes": "found down"})
            (event,) = received(spikes)
            assert event.outcome == outcome

    def test_it_can_be_taken_back_and_sent_again(self, spikes: Feed, officer: Client, sent: str) -> None:
        officer.post(sent, {"take_back": "yes"})
        (event,) = received(spikes)
        assert event.deleted
        assert "You took it back" in officer.get(self.newest(spikes)).content.decode()
        officer.post(self.newest(spikes), FOUR)
        (event,) = received(spikes)
        assert not event.deleted

    def test_it_is_nobody_elses(self, spikes: Feed, sent: str, client_for: Callable[..., Client]) -> None:
        colleague = client_for(person_with(role="data_steward", organization=spikes.provider))
        assert sent not in colleague.get("/feeds/spikes/report/").content.decode()
        assert colleague.get(sent).status_code == 404
        assert colleague.post(sent, {"take_back": "yes"}).status_code == 404


class TestTheApi:
    def test_a_report(self, spikes: Feed, send: Callable[..., HttpResponse]) -> None:
        answer = send(FOUR | {"occurred_at": "2026-03-01T10:00:00-05:00", "age": 34, "notes": None})
        assert answer.status_code == 202
        (event,) = received(spikes)
        assert (event.place, event.age) == ("W1", 34)

    def test_under_the_same_id_it_is_sent_again_or_corrected(
        self, spikes: Feed, send: Callable[..., HttpResponse]
    ) -> None:
        for outcome in ("nonfatal", "nonfatal", "fatal"):
            send(FOUR | {"entry_id": "a7", "outcome": outcome})
        (event,) = received(spikes)
        assert (event.record_id, event.outcome) == ("a7", "fatal")

    @pytest.mark.parametrize(
        ("answers", "sentence"),
        [
            (b"{", "The body is no JSON."),
            (b"[" * 50_000, "The body is no JSON."),
            ([FOUR], "Expected a JSON object with the answers."),
            (FOUR | {"colour": "red"}, "Unknown: colour. Expected some of: additional_drugs, age"),
            (FOUR | {"age": [34]}, "age: expected a text or a number."),
            (FOUR | {"age": 340}, "age: Ensure this value is less than or equal to 120."),
            (FOUR | {"place": "W9"}, "place: Select a valid choice."),
            ({}, "occurred_at: This field is required."),
        ],
    )
    def test_what_is_wrong_is_said(
        self, spikes: Feed, send: Callable[..., HttpResponse], answers: object, sentence: str
    ) -> None:
        answer = send(answers)
        assert answer.status_code == 400
        assert answer.json()["error"].startswith(sentence)
        assert not spikes.intakes.exists()

    def test_half_a_character_spoils_nothing(self, spikes: Feed, send: Callable[..., HttpResponse]) -> None:
        assert send(FOUR | {"notes": "slept\ud83d"}).status_code == 202
        assert received(spikes)[0].cause == "slept?"

    def test_a_report_is_small(self, spikes: Feed, send: Callable[..., HttpResponse]) -> None:
        assert send(b" " * 100_001).status_code == 413
