"""Amendments and renewals: the old agreement holds until the last signature, and nobody forgets its end."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from factories import make_organization, make_person, person_with, sign

from throughline.evidence.agreements.actions import ask_grant, terminate_agreement
from throughline.evidence.agreements.drafting.actions import (
    amend_agreement,
    revise_agreement,
    send_for_signature,
)
from throughline.evidence.agreements.drafting.terms import terms_of
from throughline.evidence.agreements.models import Agreement, Stage
from throughline.evidence.agreements.queries import access_to
from throughline.evidence.agreements.renewals.actions import watch_renewals
from throughline.evidence.agreements.stages import StageDays, days_in_stages, median_days
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Grant, Purpose, Refusal
from throughline.signals.models import Signal

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LAST_DAY = date(2026, 12, 31)


@pytest.fixture
def officer(backbone: Organization) -> Person:
    return make_person(organization=backbone)


@pytest.fixture
def amendment(agreement: Agreement, officer: Person) -> Agreement:
    """For evaluation besides, of fewer fields; sent for signature."""
    draft = amend_agreement(agreement=agreement, by=officer, at=AT)
    changes = {"purposes": ["surveillance", "evaluation"], "fields": ["place"]}
    revise_agreement(agreement=draft, terms=terms_of(draft) | changes, by=officer, at=AT)
    send_for_signature(agreement=draft, by=officer, at=AT)
    return Agreement.objects.get(pk=draft.pk)


def ask(agreement: Agreement, reader: Organization, purpose: Purpose, field: str, at: datetime = AT) -> Any:
    question = {"feed": "ems", "provider": agreement.provider, "reader": reader, "fields": [field]}
    return ask_grant(**question, purpose=purpose, by="test", at=at)


class TestAmending:
    def test_the_old_one_holds_until_the_last_signature_then_the_new_one_at_once(
        self, agreement: Agreement, amendment: Agreement, backbone: Organization
    ) -> None:
        sign(amendment, backbone, at=AT)
        assert isinstance(ask(agreement, backbone, Purpose.SURVEILLANCE, "age"), Grant)
        assert isinstance(ask(agreement, backbone, Purpose.EVALUATION, "place"), Refusal)
        sign(amendment, agreement.provider, at=AT)
        assert ask(agreement, backbone, Purpose.EVALUATION, "place").agreement == str(amendment.pk)
        assert isinstance(ask(agreement, backbone, Purpose.SURVEILLANCE, "age"), Refusal)
        stages = {row.pk: row.stage(AT.date()) for row in Agreement.objects.all()}
        assert stages == {agreement.pk: Stage.AMENDED, amendment.pk: Stage.IN_FORCE}

    def test_what_was_before_stays_explicable(
        self, agreement: Agreement, amendment: Agreement, backbone: Organization
    ) -> None:
        for party in amendment.parties():
            sign(amendment, party, at=AT)
        asked = {"provider": agreement.provider, "reader": backbone, "purpose": Purpose.SURVEILLANCE}
        before = access_to("ems", **asked, on=AT.date() - timedelta(days=1))
        assert [one.agreement for one in before.allowances] == [str(agreement.pk)]
        today = access_to("ems", **asked, on=AT.date())
        assert [one.agreement for one in today.allowances] == [str(amendment.pk)]

    def test_an_amendment_that_ends_does_not_bring_the_old_one_back(
        self, agreement: Agreement, amendment: Agreement, backbone: Organization, officer: Person
    ) -> None:
        for party in amendment.parties():
            sign(amendment, party, at=AT)
        terminate_agreement(agreement=amendment, by=officer, at=AT, reason="breach")
        assert not Agreement.objects.in_force(AT.date()).exists()
        assert isinstance(ask(agreement, backbone, Purpose.SURVEILLANCE, "place"), Refusal)

    def test_a_terminated_amendment_takes_nobodys_place(
        self, agreement: Agreement, amendment: Agreement, backbone: Organization, officer: Person
    ) -> None:
        sign(amendment, backbone, at=AT)
        terminate_agreement(agreement=amendment, by=officer, at=AT, reason="a mistake")
        with pytest.raises(ValidationError, match="was terminated"):
            sign(amendment, agreement.provider, at=AT)
        assert isinstance(ask(agreement, backbone, Purpose.SURVEILLANCE, "age"), Grant)

    def test_strangers_do_not_touch_it(self, agreement: Agreement, amendment: Agreement) -> None:
        stranger = make_person(organization=make_organization())
        with pytest.raises(ValidationError, match="Only a party"):
            revise_agreement(agreement=amendment, terms=terms_of(amendment), by=stranger, at=AT)
        with pytest.raises(ValidationError, match="Only a party"):
            amend_agreement(agreement=agreement, by=stranger, at=AT)

    def test_its_text_names_what_it_amends(self, agreement: Agreement, amendment: Agreement) -> None:
        assert f"takes the place of agreement {agreement.pk}, at once" in amendment.version.text

    def test_there_is_one_at_a_time(
        self, agreement: Agreement, amendment: Agreement, officer: Person
    ) -> None:
        with pytest.raises(ValidationError, match="drafted already"):
            amend_agreement(agreement=agreement, by=officer, at=AT)
        with pytest.raises(ValidationError, match="all have signed"):
            amend_agreement(agreement=amendment, by=officer, at=AT)

    def test_it_is_about_the_same_feed_from_the_same_day(self, amendment: Agreement, officer: Person) -> None:
        for change in ({"feed": "deaths"}, {"starts_on": date(2026, 6, 1)}):
            with pytest.raises(ValidationError, match="keeps the feed"):
                revise_agreement(agreement=amendment, terms=terms_of(amendment) | change, by=officer, at=AT)

    def test_a_manager_amends_on_the_page(self, agreement: Agreement, client_for: Callable) -> None:
        client = client_for(person_with(role="project_manager", organization=agreement.provider))
        answer = client.post(f"/agreements/{agreement.pk}/amend/")
        draft = Agreement.objects.get(amends=agreement)
        assert answer.url == f"/agreements/{draft.pk}/revise/"
        page = client.get(f"/agreements/{agreement.pk}/").content.decode()
        assert "An amendment is being drafted" in page


class TestRenewal:
    def warned(self, days_before: int) -> list[Signal]:
        return watch_renewals(by="test", at=AT.replace(month=12, day=31) - timedelta(days=days_before))

    def waiting(self) -> list[int]:
        return [int(one.fingerprint.rpartition(":")[2]) for one in Signal.objects.waiting()]

    def test_it_is_warned_of_90_30_and_7_days_ahead_each_once(self, agreement: Agreement) -> None:
        raised = {days: len(self.warned(days)) for days in (91, 90, 89, 31, 30, 29, 8, 7, 1, 0)}
        assert [days for days, signals in raised.items() if signals] == [90, 30, 7]
        assert self.waiting() == [7]

    def test_a_late_look_raises_only_the_nearest(self, agreement: Agreement) -> None:
        self.warned(5)
        assert self.waiting() == [7]

    def test_it_is_over_when_the_agreement_has_ended(self, agreement: Agreement) -> None:
        self.warned(3)
        assert self.warned(-1) == []
        assert Signal.objects.get().over_because == "The agreement has ended."

    def test_a_renewal_ends_the_warning(self, agreement: Agreement, officer: Person) -> None:
        self.warned(60)
        draft = amend_agreement(agreement=agreement, by=officer, at=AT)
        later = terms_of(draft) | {"ends_on": date(2027, 12, 31)}
        revise_agreement(agreement=draft, terms=later, by=officer, at=AT)
        draft = Agreement.objects.get(pk=draft.pk)
        send_for_signature(agreement=draft, by=officer, at=AT)
        for party in draft.parties():
            sign(draft, party, at=AT)
        self.warned(59)
        assert Signal.objects.get().over_because == "The agreement was renewed."

    def test_nothing_is_warned_of_where_there_is_no_end(self, agreement: Agreement) -> None:
        Agreement.objects.update(ends_on=None)
        assert self.warned(0) == []


class TestDaysInStages:
    def at(self, day: int) -> datetime:
        return AT.replace(month=1, day=day)

    def agreement(self, **days: int) -> Agreement:
        instants = {f"{name}_at": self.at(day) for name, day in days.items()}
        return Agreement(starts_on=date(2026, 1, 10), **instants)

    @pytest.mark.parametrize(
        ("days", "on", "expected"),
        [
            ({"drafted": 1}, 4, StageDays(3, None, None, None)),
            ({"drafted": 1, "review_began": 3}, 8, StageDays(2, 5, None, None)),
            ({"drafted": 1, "offered": 5}, 9, StageDays(4, None, 4, None)),
            ({"drafted": 1, "review_began": 3, "offered": 5, "signed": 6}, 20, StageDays(2, 2, 1, 10)),
            ({"drafted": 1, "offered": 11, "signed": 15}, 20, StageDays(10, None, 4, 5)),
        ],
    )
    def test_each_stage_is_counted(self, days: dict[str, int], on: int, expected: StageDays) -> None:
        assert days_in_stages(self.agreement(**days), date(2026, 1, on)) == expected

    def test_medians_are_of_those_that_were_signed(self) -> None:
        found = [self.agreement(drafted=1, offered=1 + wait, signed=15) for wait in (2, 4, 9)]
        found.append(self.agreement(drafted=1))
        assert median_days(found, date(2026, 1, 20)) == StageDays(4, None, 10, 5)
        assert median_days([], date(2026, 1, 20)) == StageDays(None, None, None, None)

    def test_pages_show_them(self, agreement: Agreement, client_for: Callable) -> None:
        client = client_for("commissioner")
        assert "Days in each stage" in client.get(f"/agreements/{agreement.pk}/").content.decode()
        assert "Median days" in client.get("/agreements/").content.decode()
