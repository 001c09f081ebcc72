"""An agency's program hands files over with a token, and nobody else does."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from apps.evidence.conftest import AT, HEADER
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from factories import make_person, person_with

from throughline.evidence.feeds.actions import add_feed, receive_next
from throughline.evidence.feeds.doors.actions import make_token, revoke_token
from throughline.evidence.feeds.models import Feed, FeedToken, Intake
from throughline.ledger.models import Entry

FILE = f"{HEADER}1,2026-03-01 10:00,W1,lived\n2,2026-03-01 11:00,W9,lived\n".encode()
ADDRESS = "/api/feeds/ems/deliveries"


@pytest.fixture
def secret(feed: Feed) -> str:
    return make_token(feed=feed, name="CAD server", by=make_person(), at=AT)


def send(secret: str, content: bytes = FILE, name: str = "march.csv", address: str = ADDRESS) -> HttpResponse:
    headers = {"authorization": f"Bearer {secret}", "x-file-name": name}
    size = str(len(content))
    return Client().post(address, content, content_type="text/csv", headers=headers, CONTENT_LENGTH=size)


def ask(secret: str, address: str) -> dict[str, Any]:
    return Client().get(address, headers={"authorization": f"Bearer {secret}"}).json()


class TestSendingAFile:
    def test_it_is_kept_then_received(self, secret: str) -> None:
        answer = send(secret)
        assert answer.status_code == 202
        assert answer.headers["Location"] == answer.json()["address"]
        assert ask(secret, answer.json()["address"])["state"] == "waiting"
        receive_next(at=timezone.now())
        told = ask(secret, answer.json()["address"])
        assert told["state"] == "received"
        assert {name: told["receipt"][name] for name in ("rows", "accepted", "quarantined")} == {
            "rows": 2,
            "accepted": 1,
            "quarantined": 1,
        }
        assert told["receipt"]["reasons"] == [
            {"field": "ward", "reason": "the place is not known", "rows": 1}
        ]

    def test_the_ledger_names_the_token_and_not_its_secret(self, secret: str) -> None:
        send(secret)
        token = FeedToken.objects.get()
        entry = Entry.objects.get(verb="hand_over_file")
        assert entry.actor == f"feedtoken:{token.pk}"
        assert token.last_used_at is not None
        assert secret not in str(list(Entry.objects.values())) + str(list(FeedToken.objects.values()))

    def test_the_same_file_again_has_the_same_receipt(self, feed: Feed, secret: str) -> None:
        for _time in range(2):
            send(secret)
            receive_next(at=timezone.now())
        assert feed.deliveries.count() == 1
        assert feed.intakes.exclude(delivery=None).count() == 2

    def test_as_a_form(self, secret: str) -> None:
        answer = Client().post(
            ADDRESS,
            {"file": SimpleUploadedFile("march.csv", FILE)},
            headers={"authorization": f"Bearer {secret}"},
        )
        assert answer.status_code == 202
        assert Intake.objects.get().file.read_bytes() == FILE

    def test_a_name_in_any_script_or_out_of_all_bounds(self, secret: str) -> None:
        send(secret, name="informe%20a%C3%B1o.csv")
        send(secret, name="n" * 400 + "%00.csv")
        names = sorted(Intake.objects.values_list("file_name", flat=True))
        assert names == ["informe año.csv", "n" * 250 + "?.csv"]

    def test_a_refused_file_says_why(self, secret: str) -> None:
        address = send(secret, b"colour\nred\n").json()["address"]
        receive_next(at=timezone.now())
        told = ask(secret, address)
        assert told["state"] == "refused"
        assert told["refusal"].startswith("march.csv: row 1 has no column")


class TestWhatIsTurnedAway:
    @pytest.mark.parametrize(
        ("content", "name", "sentence"),
        [(b"", "march.csv", "The body is empty"), (FILE, "", "Say how the file is called")],
    )
    def test_requests_that_say_too_little(
        self, secret: str, content: bytes, name: str, sentence: str
    ) -> None:
        answer = send(secret, content, name)
        assert answer.status_code == 400
        assert answer.json()["error"].startswith(sentence)

    def test_a_form_with_several_files(self, secret: str) -> None:
        files = {name: SimpleUploadedFile(name, FILE) for name in ("one", "two")}
        answer = Client().post(ADDRESS, files, headers={"authorization": f"Bearer {secret}"})
        assert (answer.status_code, Intake.objects.count()) == (400, 0)

    def test_a_file_that_is_too_large(self, secret: str, settings: Any) -> None:
        settings.FEED_FILE_MAX_BYTES = 10
        assert send(secret).status_code == 413
        assert list(settings.INBOX_DIR.iterdir()) == []

    @pytest.mark.parametrize(("length", "status"), [("", 411), ("many", 411), ("0", 400)])
    def test_a_body_whose_length_is_not_said_or_that_is_empty(
        self, secret: str, feed: Feed, length: str, status: int
    ) -> None:
        headers = {"authorization": f"Bearer {secret}", "x-file-name": "march.csv"}
        answer = Client().post(ADDRESS, FILE, content_type="text/csv", headers=headers, CONTENT_LENGTH=length)
        assert answer.status_code == status
        assert "body" in answer.json()["error"]
        assert not feed.intakes.exists()

    def test_a_connection_that_broke_off(self, secret: str, settings: Any) -> None:
        headers = {"authorization": f"Bearer {secret}", "x-file-name": "march.csv"}
        broken = {"CONTENT_LENGTH": str(len(FILE) + 5), "wsgi.input": BytesIO(FILE)}
        answer = Client().post(ADDRESS, FILE, content_type="text/csv", headers=headers, **broken)
        assert answer.status_code == 400
        assert "before the connection broke off" in answer.json()["error"]
        assert list(settings.INBOX_DIR.iterdir()) == []
        assert not Intake.objects.exists()

    def test_too_many_files_within_a_minute(self, feed: Feed, secret: str, settings: Any) -> None:
        settings.API_FILES_PER_MINUTE = 2
        assert [send(secret).status_code for _n in range(3)] == [202, 202, 429]
        Intake.objects.update(handed_over_at=timezone.now() - timedelta(seconds=61))
        assert send(secret).status_code == 202

    def test_a_feed_without_a_mapping(self, feed: Feed) -> None:
        bare = add_feed(key="bare", name="Bare", provider=feed.provider, by="test", at=AT)
        secret = make_token(feed=bare, name="server", by=make_person(), at=AT)
        assert send(secret, address="/api/feeds/bare/deliveries").status_code == 409

    def test_a_token_of_another_feed_a_revoked_one_and_one_in_the_address(
        self, feed: Feed, secret: str
    ) -> None:
        other = add_feed(key="other", name="Other", provider=feed.provider, by="test", at=AT)
        others = make_token(feed=other, name="CAD server", by=make_person(), at=AT)
        assert send(others).status_code == 401
        assert send("", address=f"{ADDRESS}?token={secret}").status_code == 401
        revoke_token(token=FeedToken.objects.get(feed=feed), by=make_person(), at=AT)
        assert send(secret).status_code == 401
        assert not Intake.objects.exists()

    def test_a_file_of_another_feed_is_not_found(self, feed: Feed, secret: str) -> None:
        other = add_feed(key="other", name="Other", provider=feed.provider, by="test", at=AT)
        others = make_token(feed=other, name="CAD server", by=make_person(), at=AT)
        address = send(secret).json()["address"].replace("/ems/", "/other/")
        assert ask(others, address) == {"error": "No file of this feed has this id."}


class TestAnUnexpectedFailure:
    def test_is_told_in_json_without_a_trace(self, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(**_facts: Any) -> None:
            raise RuntimeError("secret detail")

        monkeypatch.setattr("throughline.evidence.feeds.doors.api.views.hand_over_file", fail)
        headers = {"authorization": f"Bearer {secret}", "x-file-name": "march.csv"}
        careful = Client(raise_request_exception=False)
        answer = careful.post(ADDRESS, FILE, content_type="text/csv", headers=headers)
        assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/json")
        assert answer.json() == {
            "error": "Something went wrong here, and was noted in the log. Send it again in a few minutes."
        }

    def test_an_address_that_is_none(self, db: None) -> None:
        answer = Client().get("/api/feeds/ems/nothing")
        assert (answer.status_code, answer.json()) == (404, {"error": "There is nothing at this address."})


class TestTokensThatExpire:
    TODAY = date(2026, 3, 2)

    @pytest.fixture(autouse=True)
    def on_this_day(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(timezone, "now", lambda: AT)

    @pytest.mark.parametrize(("days", "status"), [(0, 202), (-1, 401)])
    def test_the_last_day_is_the_last_that_it_opens_the_door(
        self, feed: Feed, days: int, status: int
    ) -> None:
        day = self.TODAY + timedelta(days=days)
        secret = make_token(feed=feed, name="CAD server", by=make_person(), at=AT, expires_on=day)
        assert send(secret).status_code == status

    def test_the_answer_says_that_it_expired(self, feed: Feed) -> None:
        secret = make_token(
            feed=feed, name="CAD server", by=make_person(), at=AT, expires_on=date(2026, 3, 1)
        )
        answer = send(secret)
        assert answer.json()["error"].startswith("This token expired after 2026-03-01.")
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'

    def test_the_form_suggests_a_year_and_refuses_a_day_that_is_past(
        self, feed: Feed, client_for: Callable[..., Client]
    ) -> None:
        analyst = client_for("analyst")
        assert 'value="2027-03-02"' in analyst.get("/feeds/ems/tokens/").content.decode()
        analyst.post("/feeds/ems/tokens/", {"name": "old", "expires_on": "2026-03-01"})
        analyst.post("/feeds/ems/tokens/", {"name": "server", "expires_on": "2026-04-01"})
        analyst.post("/feeds/ems/tokens/", {"name": "laptop"})
        tokens = feed.tokens.order_by("name").values_list("name", "expires_on")
        assert list(tokens) == [("laptop", None), ("server", date(2026, 4, 1))]

    @pytest.mark.parametrize(
        ("days", "told"), [(31, False), (30, True), (-5, True)], ids=["far", "soon", "expired"]
    )
    def test_today_tells_the_steward_until_it_is_revoked(
        self, feed: Feed, client_for: Callable[..., Client], days: int, told: bool
    ) -> None:
        feed.steward = person_with(role="data_steward", organization=feed.provider)
        feed.save()
        day = self.TODAY + timedelta(days=days)
        make_token(feed=feed, name="CAD server", by=make_person(), at=AT, expires_on=day)
        steward = client_for(feed.steward)
        assert ("CAD server" in steward.get("/").content.decode()) == told
        revoke_token(token=FeedToken.objects.get(), by=make_person(), at=AT)
        assert "CAD server" not in steward.get("/").content.decode()


class TestTokens:
    def test_the_secret_is_shown_once(self, feed: Feed, client_for: Callable[..., Client]) -> None:
        analyst = client_for("analyst")
        made = analyst.post("/feeds/ems/tokens/", {"name": "CAD server"})
        secret = made.content.decode().partition('<code class="tl-hash">')[2].partition("<")[0]
        assert secret.startswith("tl_")
        assert "no-store" in made.headers["Cache-Control"]
        assert secret not in analyst.get("/feeds/ems/tokens/").content.decode()
        assert send(secret).status_code == 202

    def test_two_working_tokens_have_two_names(self, feed: Feed, client_for: Callable[..., Client]) -> None:
        analyst = client_for("analyst")
        pages = [analyst.post("/feeds/ems/tokens/", {"name": "CAD"}).content.decode() for _n in range(2)]
        assert "There is a token “CAD” already" in pages[1]
        analyst.post(f"/feeds/tokens/{FeedToken.objects.get().pk}/revoke/")
        analyst.post("/feeds/ems/tokens/", {"name": "CAD"})
        assert [token.revoked_at is None for token in FeedToken.objects.all()] == [True, False]

    def test_the_steward_keeps_them_and_other_stewards_do_not(
        self, feed: Feed, client_for: Callable[..., Client]
    ) -> None:
        steward, other = (person_with(role="data_steward") for _n in range(2))
        Feed.objects.update(steward=steward)
        assert client_for(steward).get("/feeds/ems/tokens/").status_code == 200
        assert client_for(other).get("/feeds/ems/tokens/").status_code == 403
