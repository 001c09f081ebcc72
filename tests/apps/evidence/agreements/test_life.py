"""Whatever is done with agreements, in whatever order: no read outside one in force, and changes work at once."""

from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.test import TestCase
from factories import make_organization, make_person
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from throughline.evidence.agreements.actions import (
    ask_grant,
    draft_agreement,
    sign_agreement,
    terminate_agreement,
)
from throughline.evidence.agreements.models import Agreement, Stage
from throughline.policy.sharing import Grant, Purpose

FEED = "ems"
FIELDS = ("occurred_at", "place", "outcome")
PURPOSES = (Purpose.SURVEILLANCE, Purpose.LAW_ENFORCEMENT)
PARTIES = ("provider", "coalition", "sheriff")
BEGIN = datetime(2026, 3, 2, 17, tzinfo=UTC)


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, unique=True)


class Paper:
    """What the test itself notes about one agreement, beside the database."""

    def __init__(self, row: Agreement, parties: set[str], last: date | None) -> None:
        self.row, self.parties, self.last = row, parties, last
        self.signed: set[str] = set()
        self.terminated = False

    def in_force(self, today: date) -> bool:
        begun = self.row.starts_on <= today
        return begun and self.signed == self.parties and not self.terminated and today <= (self.last or today)


class Life(RuleBasedStateMachine):
    """Three organizations, one feed, a clock that only goes forward."""

    papers = Bundle("papers")

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN
        self.noted: list[Paper] = []
        self.organizations = {name: make_organization() for name in PARTIES}
        self.people = {name: make_person(organization=found) for name, found in self.organizations.items()}

    @property
    def today(self) -> date:
        return self.now.date()

    @rule(
        target=papers,
        owner=st.sampled_from(PARTIES),
        recipients=some(PARTIES),
        purposes=some(PURPOSES),
        forbidden=st.none() | st.sampled_from(PURPOSES),
        fields=some(FIELDS),
        begins_in=st.integers(-2, 2),
        lasts=st.none() | st.integers(0, 4),
    )
    def draft(
        self,
        *,
        owner: str,
        recipients: list[str],
        purposes: list[str],
        forbidden: str | None,
        fields: list[str],
        begins_in: int,
        lasts: int | None,
    ) -> Paper:
        """Anybody may write over the feed of another; it must open nothing."""
        starts_on = self.today + timedelta(days=begins_in)
        last = None if lasts is None else starts_on + timedelta(days=lasts)
        row = draft_agreement(
            title="Drawn",
            feed=FEED,
            provider=self.organizations[owner],
            recipients=[self.organizations[name] for name in recipients],
            purposes=purposes,
            forbidden_purposes={forbidden} - {None, *purposes},
            clauses={"law_enforcement": "Counts only."},
            fields=fields,
            starts_on=starts_on,
            ends_on=last,
            by="test",
            at=self.now,
        )
        paper = Paper(row, {owner, *recipients}, last)
        self.noted.append(paper)
        return paper

    @rule(paper=papers, name=st.sampled_from(PARTIES))
    def sign(self, paper: Paper, name: str) -> None:
        may = name in paper.parties - paper.signed
        try:
            sign_agreement(
                agreement=paper.row, organization=self.organizations[name], by=self.people[name], at=self.now
            )
        except ValidationError:
            assert not may
        else:
            assert may
            paper.signed.add(name)

    @rule(paper=papers)
    def sign_for_all(self, paper: Paper) -> None:
        for name in sorted(paper.parties - paper.signed):
            self.sign(paper, name)

    @rule(paper=papers, name=st.sampled_from(PARTIES))
    def terminate(self, paper: Paper, name: str) -> None:
        may = name in paper.parties and not paper.terminated
        try:
            terminate_agreement(agreement=paper.row, by=self.people[name], at=self.now, reason="drawn")
        except ValidationError:
            assert not may
        else:
            assert may
            paper.terminated = True

    @rule(days=st.integers(0, 3))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days, seconds=1)

    @invariant()
    def a_grant_exists_exactly_where_an_agreement_in_force_allows_it(self) -> None:
        for name in PARTIES:
            for purpose in PURPOSES:
                for fields in ([FIELDS[0]], list(FIELDS)):
                    self.compare(name, purpose, fields)

    def compare(self, name: str, purpose: Purpose, fields: list[str]) -> None:
        answer = ask_grant(
            feed=FEED,
            provider=self.organizations["provider"],
            reader=self.organizations[name],
            purpose=purpose,
            fields=fields,
            by="test",
            at=self.now,
        )
        allowing = {str(paper.row.pk) for paper in self.noted if self.allows(paper, name, purpose, fields)}
        forbidding = [paper for paper in self.noted if self.forbids(paper, purpose)]
        if isinstance(answer, Grant):
            assert answer.agreement in allowing
            assert not forbidding
        else:
            assert forbidding or not allowing, str(answer)

    def forbids(self, paper: Paper, purpose: Purpose) -> bool:
        by_the_provider = paper.row.provider == self.organizations["provider"]
        return by_the_provider and purpose in paper.row.forbidden_purposes and paper.in_force(self.today)

    def allows(self, paper: Paper, name: str, purpose: Purpose, fields: list[str]) -> bool:
        row = paper.row
        return (
            row.provider == self.organizations["provider"]
            and self.organizations[name] in row.recipients.all()
            and purpose in row.purposes
            and set(fields) <= set(row.fields)
            and paper.in_force(self.today)
        )

    @invariant()
    def the_page_and_the_database_say_the_same(self) -> None:
        in_force = set(Agreement.objects.in_force(self.today).values_list("pk", flat=True))
        for paper in self.noted:
            row = Agreement.objects.get(pk=paper.row.pk)
            assert (row.pk in in_force) == paper.in_force(self.today)
            assert (row.stage(self.today) == Stage.IN_FORCE) == paper.in_force(self.today)


class TestLife(Life.TestCase, TestCase):
    """Rolled back at the end; until then each example has organizations of its own, which share nothing."""

    settings = settings(
        max_examples=15,
        stateful_step_count=12,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
