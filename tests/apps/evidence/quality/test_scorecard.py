"""The scorecard: plain verdicts about a feed's month, for those who may see them, with nobody singled out."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from apps.evidence.quality.conftest import rows_of
from django.test import Client
from django.utils import timezone
from factories import make_organization, person_with

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.quality.lines import Line
from throughline.evidence.quality.periods import Period
from throughline.evidence.quality.scorecard import Scorecard, scorecard_of
from throughline.evidence.quality.verdicts import Verdict
from throughline.ledger.models import Entry
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.warehouse import QualityReader

FEBRUARY = Period(date(2026, 2, 1))
AT = timezone.make_aware(timezone.datetime(2026, 3, 2, 12))


@pytest.fixture
def analyst(backbone: Organization) -> Person:
    return person_with(role="analyst", organization=backbone)


@pytest.fixture
def card(feed: Feed, agreement: Agreement, analyst: Person) -> Callable[[], Scorecard]:
    return lambda: scorecard_of(feed, FEBRUARY, by=analyst, at=AT)


def line(card: Scorecard, name: str) -> Line:
    (found,) = [line for part in card.parts for line in part.lines if line.name == name]
    return found


class TestVerdicts:
    def test_a_complete_month_is_good(self, a_good_year: Callable, card: Callable) -> None:
        a_good_year()
        sex = line(card(), "Sex")
        assert (sex.figure, sex.verdict, sex.request) == ("100%", Verdict.GOOD, sex.request)
        assert line(card(), "Mix of “Sex”").verdict is Verdict.GOOD

    def test_a_field_that_goes_missing_is_asked_about_with_how_it_was(
        self, a_good_year: Callable, card: Callable
    ) -> None:
        a_good_year("FM" * 35 + " " * 30)
        sex = line(card(), "Sex")
        assert (sex.figure, sex.verdict) == ("70%", Verdict.ASK)
        assert sex.request.startswith("Sex is known in 70% of the records")

    def test_unknown_values_that_appear_are_told_as_a_change(
        self, a_good_year: Callable, card: Callable, backbone: Organization, analyst: Person, feed: Feed
    ) -> None:
        a_good_year("FM" * 35 + " " * 30)
        mix = line(card(), "Mix of “Sex”")
        assert (mix.figure, mix.verdict) == ("changed", Verdict.ASK)
        assert mix.detail == "“unknown” rose from 0% to 30%."

    def test_a_field_that_is_never_sent_is_nobodys_fault(self, a_good_year: Callable, card: Callable) -> None:
        a_good_year()
        group = line(card(), "Age group")
        assert (group.figure, group.verdict) == ("not sent", Verdict.UNTOLD)

    def test_rows_that_can_not_be_read_are_counted_with_their_reason(
        self, a_good_year: Callable, receive: Callable[..., Delivery], card: Callable
    ) -> None:
        a_good_year()
        receive(date(2026, 2, 27), [f"x{n},2026-02-30 10:00,W1,lived,F" for n in range(10)])
        found = card()
        assert line(found, "Rows that could be read").verdict is Verdict.ASK
        (reason,) = found.reasons
        assert (reason.field, reason.rows, round(reason.per_thousand)) == ("when", 10, 91)
        assert reason.before == 0

    def test_two_records_that_look_like_one_event_under_two_keys(
        self, a_good_year: Callable, receive: Callable[..., Delivery], card: Callable
    ) -> None:
        a_good_year()
        receive(date(2026, 2, 28), rows_of(date(2026, 2, 1), "FM" * 10, first=500), name="again.csv")
        alike = line(card(), "Records that look like another one")
        assert (alike.figure, alike.verdict) == ("15%", Verdict.ASK)
        assert alike.detail == "0 in one file, 20 in different files; chance alone gives about 2."

    def test_rows_known_already_and_corrected(
        self, a_good_year: Callable, receive: Callable[..., Delivery], card: Callable
    ) -> None:
        a_good_year()
        known = rows_of(date(2026, 2, 1), "FM" * 50)
        receive(
            date(2026, 2, 28), [*known[:90], *rows_of(date(2026, 2, 1), "F" * 10, result="died")], "b.csv"
        )
        assert line(card(), "Rows that were known already").figure == "45%"
        assert line(card(), "Rows that correct an earlier record").figure == "9%"

    def test_how_late_records_came(self, a_good_year: Callable, card: Callable) -> None:
        a_good_year()
        delay = line(card(), "Days until nine of ten records came")
        assert (delay.figure, delay.verdict) == ("27", Verdict.LOOK)
        assert "Only 2 days have passed since the month ended" in delay.detail


class TestWhatIsReadOnce:
    def test_a_second_look_reads_no_file_and_stands_in_the_ledger(
        self, a_good_year: Callable, card: Callable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        a_good_year()
        before, first = Entry.objects.filter(verb="read_feed").count(), card()
        monkeypatch.setattr(QualityReader, "open", lambda *_args: pytest.fail("files are read again"))
        assert card().parts == first.parts
        assert Entry.objects.filter(verb="read_feed").count() == before + 2

    def test_what_came_or_was_withdrawn_since_is_counted(
        self, a_good_year: Callable, receive: Callable[..., Delivery], card: Callable
    ) -> None:
        a_good_year()
        assert line(card(), "Sex").figure == "100%"
        later = receive(date(2026, 3, 1), rows_of(date(2026, 2, 1), " " * 50, first=500))
        assert line(card(), "Sex").figure == "67%"
        Delivery.objects.filter(pk=later.pk).update(
            withdrawn_at=AT, withdrawn_by=person_with(role="analyst"), withdrawal_reason="Not theirs"
        )
        assert line(card(), "Sex").figure == "100%"


class TestWhoSeesWhat:
    def test_without_an_agreement_only_what_the_receipts_say(
        self, a_good_year: Callable, feed: Feed, backbone: Organization, client_for: Callable[..., Client]
    ) -> None:
        a_good_year()
        client = client_for(person_with(role="analyst", organization=backbone))
        page = client.get(f"/quality/{feed.key}/").content.decode()
        assert "no agreement covers the feed ems" in page
        assert "Rows that could be read" in page
        assert "Sex" not in page
        assert Entry.objects.filter(verb="refuse_read").exists()

    def test_an_agreement_without_the_purpose_is_quoted(
        self, a_good_year: Callable, feed: Feed, agreement: Agreement, client_for: Callable[..., Client]
    ) -> None:
        a_good_year()
        Agreement.objects.update(purposes=["surveillance"], clauses={"purposes": "Only to watch."})
        client = client_for(person_with(role="analyst", organization=agreement.recipients.get()))
        assert "Only to watch" in client.get(f"/quality/{feed.key}/").content.decode()

    def test_only_fields_that_are_shared_are_asked_for_and_the_read_is_in_the_ledger(
        self, a_good_year: Callable, card: Callable
    ) -> None:
        a_good_year()
        card()
        entry = Entry.objects.filter(verb="read_feed").latest("sequence")
        assert entry.detail["purpose"] == "quality"
        assert entry.detail["fields"] == [
            "age_group",
            "occurred_at",
            "outcome",
            "place",
            "sex",
            "time_quality",
        ]

    def test_the_provider_sees_all_of_its_own_and_nothing_is_withheld(
        self, a_good_year: Callable, feed: Feed, ems: Organization
    ) -> None:
        a_good_year("FM" * 48 + " " * 4)
        own = scorecard_of(feed, FEBRUARY, by=person_with(role="data_steward", organization=ems), at=AT)
        assert own.minimum_cell == 1
        assert line(own, "Sex").figure == "96%"

    def test_another_agency_sees_nothing_of_the_events(
        self, a_good_year: Callable, feed: Feed, agreement: Agreement
    ) -> None:
        a_good_year()
        stranger = person_with(role="data_steward", organization=make_organization())
        found = scorecard_of(feed, FEBRUARY, by=stranger, at=AT)
        assert "does not name" in str(found.refusal)
        assert len(found.parts) == 1

    def test_a_member_may_not_open_it(self, feed: Feed, client_for: Callable[..., Client]) -> None:
        assert client_for("member").get(f"/quality/{feed.key}/").status_code == 403


class TestSmallNumbers:
    def test_how_late_a_few_records_came_is_withheld(
        self, receive: Callable[..., Delivery], card: Callable
    ) -> None:
        receive(date(2026, 2, 28), rows_of(date(2026, 2, 1), "FM"))
        delay = line(card(), "Days until nine of ten records came")
        assert (delay.figure, delay.verdict, delay.detail) == ("withheld", Verdict.UNTOLD, "")

    def test_a_share_that_rests_on_few_people_is_withheld(
        self, a_good_year: Callable, card: Callable
    ) -> None:
        a_good_year("FM" * 48 + " " * 4)
        found = card()
        assert line(found, "Sex").figure == "withheld"
        (course,) = [course for course in found.courses if course.name == "Sex"]
        assert course.figures[-1] == (FEBRUARY.starts_on, "withheld")
        assert line(found, "Mix of “Sex”").verdict is Verdict.GOOD  # four are too few to make a mix

    def test_no_figure_of_a_mix_is_shown_where_few_are_left_beside_it(
        self, receive: Callable[..., Delivery], card: Callable
    ) -> None:
        for month in (date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)):
            receive(month + timedelta(days=31), rows_of(month, "F" * 90 + "M" * 60))
        receive(date(2026, 2, 28), rows_of(date(2026, 2, 1), "F" * 140 + "M" * 3))
        mix = line(card(), "Mix of “Sex”")
        assert mix.verdict is Verdict.ASK
        assert mix.detail in ("“female” is more frequent.", "“male” is less frequent.")

    def test_figures_of_a_mix_are_shown_where_nobody_is_singled_out(
        self, receive: Callable[..., Delivery], card: Callable
    ) -> None:
        for month in (date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)):
            receive(month + timedelta(days=31), rows_of(month, "F" * 90 + "M" * 60))
        receive(date(2026, 2, 28), rows_of(date(2026, 2, 1), "F" * 120 + "M" * 20))
        detail = line(card(), "Mix of “Sex”").detail
        assert detail in ("“female” rose from 60% to 86%.", "“male” fell from 40% to 14%.")


class TestPage:
    def test_each_line_has_its_verdict_and_its_next_step(
        self, a_good_year: Callable, feed: Feed, agreement: Agreement, client_for: Callable[..., Client]
    ) -> None:
        a_good_year("FM" * 35 + " " * 30)
        client = client_for(person_with(role="analyst", organization=agreement.recipients.get()))
        page = client.get(f"/quality/{feed.key}/?month=2026-02").content.decode()
        assert "ask the agency" in page
        assert f"/quality/{feed.key}/letter/?month=2026-02" in page
        assert "Good from 95%, we ask below 80%" in page
        form = client.get("/commitments/new/?what=Find+out&due_on=2026-03-16").content.decode()
        assert 'value="Find out"' in form
        assert 'value="2026-03-16"' in form

    @pytest.mark.parametrize("month", ["", "2026-13", "x", "0001-01", "2019-05"])
    def test_any_month_can_be_asked_for(
        self, a_good_year: Callable, feed: Feed, client_for: Callable[..., Client], month: str
    ) -> None:
        a_good_year()
        client = client_for(person_with(role="analyst", organization=feed.provider))
        assert client.get(f"/quality/{feed.key}/", {"month": month}).status_code == 200

    def test_a_feed_that_has_sent_nothing_has_nothing_to_judge(
        self, feed: Feed, client_for: Callable[..., Client]
    ) -> None:
        for address in (f"/quality/{feed.key}/", f"/quality/{feed.key}/letter/"):
            assert "nothing to judge" in client_for("analyst").get(address).content.decode()
