"""A mapping is proposed from a file, changed by choosing columns, tried out, saved, and the very file received."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from factories import person_with

from throughline.evidence.feeds.actions import receive_next
from throughline.evidence.feeds.mappings.current import KEEP, NONE, CurrentChoices
from throughline.evidence.feeds.mappings.drafts import delete_old_drafts
from throughline.evidence.feeds.models import Feed, Intake
from throughline.ledger.models import Entry

HEADER = "run,call date,call time,ward,survived,sex,hero\n"
ROWS = (
    "1,03/14/2026,07:05,W1,Y,F,1\n2,03/15/2026,23:10,W2,N,M,0\n3,03/16/2026,10:00,W9,maybe,M,0\n"
    "4,03/20/2026,11:30,W1,Y,M,0\n"
)
FILE = HEADER + ROWS


@pytest.fixture
def client(client_for: Callable[..., Client], feed: Feed) -> Client:
    """An analyst of the agency that sends the feed."""
    return client_for(person_with(role="analyst", organization=feed.provider))


def propose(client: Client, content: str = FILE, name: str = "march.csv") -> Any:
    data = {"file": SimpleUploadedFile(name, content.encode()), "time_zone": "America/New_York"}
    return client.post("/feeds/ems/mapping/propose/", data)


@pytest.fixture
def address(client: Client) -> str:
    """Where the proposal for the file stands."""
    return propose(client).url


def sent(client: Client, address: str, **changes: str) -> dict[str, str]:
    """What a browser would send of the form as it stands, with some fields changed."""
    form = client.get(address).context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    markers = {f"codes_of_{name}": values[name] for name in ("outcome", "manner", "sex", "naloxone")}
    return values | markers | changes


def definition(client: Client, address: str) -> dict[str, Any]:
    return json.loads(client.get(address).context["definition"])


class TestProposing:
    def test_each_field_is_shown_with_its_column_and_reason(self, client: Client, address: str) -> None:
        page = client.get(address)
        assert page.context["form"]["date"].value() == "call date"
        assert page.context["form"]["clock"].value() == "call time"
        text = page.content.decode()
        assert "Its name fits, and the meaning of" in text
        assert "please check" in text

    def test_the_first_rows_are_shown_as_events_or_with_their_fault(
        self, client: Client, address: str
    ) -> None:
        preview = client.get(address).context["preview"]
        assert [line.row for line in preview.lines] == [2, 3, 4, 5]
        assert preview.lines[0].when == "2026-03-14 07:05"
        assert preview.lines[0].event.outcome == "nonfatal"
        assert preview.lines[2].rejected.value == "W9"
        assert (preview.tried, preview.set_aside) == (4, 1)

    def test_nothing_is_received_or_saved_by_looking(self, client: Client, address: str, feed: Feed) -> None:
        client.get(address)
        assert feed.mapping.version == 1
        assert not Intake.objects.exists()
        assert Entry.objects.filter(verb="preview_file").count() == 1

    @pytest.mark.parametrize(
        ("content", "said"),
        [("%PDF-1.7", "a PDF document"), ("", "empty"), ("a,a\n1,2\n", "names the columns")],
    )
    def test_a_file_that_is_no_table_is_refused_and_not_kept(
        self, client: Client, home: Any, content: str, said: str
    ) -> None:
        page = propose(client, content)
        assert page.status_code == 400
        assert said in page.content.decode()
        assert not list((home / "previews").glob("*"))

    def test_a_file_of_a_standard_needs_no_mapping_of_columns(self, client: Client) -> None:
        page = propose(client, "MSH|^~\\&|A|B|C|D|20260314||ADT^A04|1|P|2.5.1\r", "messages.hl7")
        assert page.status_code == 400
        assert "needs no mapping of columns" in page.content.decode()


class TestChanging:
    def test_an_untouched_form_changes_nothing(self, client: Client, address: str) -> None:
        before = definition(client, address)
        client.post(address, sent(client, address))
        assert definition(client, address) == before

    def test_a_code_gets_its_meaning(self, client: Client, address: str) -> None:
        field = client.get(address).context["form"].code_field("outcome", "maybe")
        page = client.post(address, sent(client, address, **{field: "unknown"}))
        assert page.status_code == 200
        assert definition(client, address)["outcome"]["codes"]["maybe"] == "unknown"

    def test_another_column_brings_its_own_codes(self, client: Client, address: str) -> None:
        page = client.post(address, sent(client, address, outcome="sex"), headers={"HX-Request": "true"})
        assert definition(client, address)["outcome"]["columns"] == ["sex"]
        assert 'id="codes-outcome" class="tl-whole-row" hx-swap-oob="true"' in page.content.decode()

    def test_a_column_chosen_and_taken_back_leaves_all_as_it_was(self, client: Client, address: str) -> None:
        """The browser still has the codes of the other column then."""
        before, form = definition(client, address), sent(client, address)
        client.post(address, form | {"outcome": "sex"}, headers={"HX-Request": "true"})
        client.post(address, form | {"codes_of_outcome": "sex"}, headers={"HX-Request": "true"})
        assert definition(client, address) == before
        client.post(address, form | {"outcome": NONE}, headers={"HX-Request": "true"})
        assert "outcome" not in definition(client, address)

    def test_the_time_of_day_can_be_left_out(self, client: Client, address: str) -> None:
        client.post(address, sent(client, address, clock=NONE))
        assert definition(client, address)["occurred_at"] == {
            "columns": ["call date"],
            "formats": ["%m/%d/%Y"],
            "time_zone": "America/New_York",
            "precision": "day",
        }

    def test_the_day_can_be_put_before_the_month(self, client: Client, address: str) -> None:
        page = client.post(address, sent(client, address, order="day"), headers={"HX-Request": "true"})
        assert definition(client, address)["occurred_at"]["formats"][0] == "%d/%m/%Y %H:%M"
        assert page.context["preview"].set_aside == 4

    def test_a_column_that_no_rule_guesses_is_named_a_drug(self, client: Client, address: str) -> None:
        names = [column.name for column in client.get(address).context["form"].flag_columns]
        client.post(address, sent(client, address, **{f"flag_{names.index('hero')}": "heroin"}))
        rules = definition(client, address)["substance_flags"]
        assert rules == [{"columns": ["hero"], "substance": "heroin", "present": ["1"], "absent": ["0"]}]

    def test_a_key_of_two_columns_is_kept_as_it_is(self) -> None:
        """What one choice can't show stays in the mapping."""
        now = CurrentChoices({"record_id": {"columns": [["agency", "run"]]}})
        assert now.column("record_id") == KEEP
        assert now.in_words("record_id") == "agency + run"

    def test_a_column_that_is_not_in_the_file_is_refused(self, client: Client, address: str) -> None:
        page = client.post(address, sent(client, address, date="gone"))
        assert page.status_code == 400


class TestSavingAndReceiving:
    def test_saved_as_a_new_version_and_received_with_one_click(
        self, client: Client, address: str, feed: Feed, home: Any
    ) -> None:
        client.post(f"{address}save/", sent(client, address))
        assert feed.mapping.version == 2
        assert "Receive march.csv now" in client.get(address).content.decode()
        intake = client.post(f"{address}receive/")
        assert intake.url == f"/feeds/files/{Intake.objects.get().pk}/"
        assert not list((home / "previews").glob("*"))
        receipt = receive_next(at=timezone.now()).delivery
        assert (receipt.file_name, receipt.rows, receipt.accepted, receipt.quarantined) == (
            "march.csv",
            4,
            3,
            1,
        )

    def test_the_file_is_not_received_under_another_mapping(self, client: Client, address: str) -> None:
        client.post(f"{address}receive/")
        assert not Intake.objects.exists()


class TestPrivacy:
    def test_only_its_owner_sees_a_preview(
        self, client: Client, address: str, client_for: Callable[..., Client], feed: Feed
    ) -> None:
        colleague = client_for(person_with(role="analyst", organization=feed.provider))
        assert colleague.get(address).status_code == 404
        assert colleague.post(f"{address}receive/").status_code == 404

    @pytest.mark.parametrize("role", ["administrator", "analyst"])
    def test_files_of_others_are_not_looked_at(
        self, client_for: Callable[..., Client], feed: Feed, role: str
    ) -> None:
        """An administrator reads no records; an analyst of another organization has no business with the file."""
        stranger = client_for(role)
        page = stranger.get("/feeds/ems/mapping/")
        assert page.status_code == 200
        assert page.context["try_out"] is None
        assert propose(stranger).status_code == 403

    def test_the_file_is_deleted_when_asked_and_after_some_hours(
        self, client: Client, address: str, home: Any
    ) -> None:
        assert delete_old_drafts(at=timezone.now()) == 0
        assert delete_old_drafts(at=timezone.now() + timedelta(hours=5)) == 1
        assert client.get(address).status_code == 404
        again = propose(client).url
        client.post(f"{again}discard/")
        assert not list((home / "previews").glob("*"))

    def test_nobody_but_the_program_can_open_the_file(self, client: Client, address: str, home: Any) -> None:
        kept = list((home / "previews").rglob("*"))
        assert len(kept) == 3
        assert all(path.stat().st_mode & 0o077 == 0 for path in kept)


KITS = "date,ward,kits handed out\n" + "".join(f"2026-03-{day:02},W1,{day}\n" for day in range(1, 15))


class TestCounts:
    @pytest.fixture
    def address(self, client: Client) -> str:
        return propose(client, KITS, "kits.csv").url

    def test_rows_that_are_counts_are_proposed_and_shown_as_such(self, client: Client, address: str) -> None:
        page = client.get(address)
        assert page.context["form"]["quantity"].value() == "kits handed out"
        assert page.context["form"]["measure"].value() == "mapping:all=naloxone_kits"
        assert [line.event.quantity for line in page.context["preview"].lines][:3] == [1, 2, 3]
        assert "naloxone_kits" in page.content.decode()

    def test_an_untouched_form_changes_nothing(self, client: Client, address: str) -> None:
        before = definition(client, address)
        client.post(address, sent(client, address))
        assert definition(client, address) == before

    def test_each_row_becomes_one_overdose_when_told_so(self, client: Client, address: str) -> None:
        client.post(address, sent(client, address, quantity=NONE, measure=NONE))
        assert "count" not in definition(client, address)

    def test_numbers_of_overdoses_are_counts_too(self, client: Client, address: str) -> None:
        client.post(address, sent(client, address, measure=NONE))
        assert definition(client, address)["count"] == {
            "measure": {"constant": "overdose"},
            "quantity": {"columns": ["kits handed out"]},
        }
        assert client.get(address).context["form"]["measure"].value() == NONE


def test_rows_at_unknown_places_can_be_accepted_without_one(client: Client, address: str) -> None:
    client.post(address, sent(client, address, unknown_place="unplaced"))
    assert definition(client, address)["place"]["otherwise"] == "unplaced"
    assert client.get(address).context["preview"].lines[2].rejected.field == "survived"  # no longer the ward


def test_a_file_without_rows_or_dates_is_told_what_it_lacks(client: Client) -> None:
    assert "column names and no rows" in propose(client, "a,b\n").content.decode()
    no_dates = client.get(propose(client, "a,b\n1,x\n2,y\n").url).content.decode()
    assert "No column of dates is chosen yet" in no_dates


def test_a_refused_file_leaves_the_mapping_in_use_on_the_page(client: Client) -> None:
    assert "occurred_at" in propose(client, "%PDF-1.7\n").content.decode()
