"""Whatever is done with agreements, in whatever order: no read outside one in force, and changes work at once."""

from collections.abc import Callable
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
from throughline.evidence.agreements.clauses.writing import digest_of
from throughline.evidence.agreements.drafting.actions import (
    answer_comment,
    comment_on_clause,
    revise_agreement,
    send_for_signature,
    send_to_review,
)
from throughline.evidence.agreements.drafting.terms import terms_of
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
        self.reviewed = self.offered = self.signed_by_all = self.terminated = False
        self.open_comments = 0
        self.signed: set[str] = set()  # the present text

    def in_force(self, today: date) -> bool:
        begun = self.row.starts_on <= today
        return begun and self.signed_by_all and not self.terminated and today <= (self.last or today)

    def is_draft(self, today: date) -> bool:
        return not self.signed_by_all and not self.terminated and today <= (self.last or today)


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

    def attempt(self, may: bool, act: Callable[..., object], **facts: object) -> bool:
        """What may be done is done; what may not, is refused and changes nothing."""
        try:
            act(**facts, at=self.now)
        except ValidationError:
            assert not may
        else:
            assert may
        return may

    @rule(paper=papers)
    def review(self, paper: Paper) -> None:
        may = paper.is_draft(self.today) and not paper.reviewed
        if self.attempt(may, send_to_review, agreement=paper.row, by="test"):
            paper.reviewed, paper.offered = True, False

    @rule(paper=papers, name=st.sampled_from(PARTIES))
    def comment(self, paper: Paper, name: str) -> None:
        with_counsel = paper.is_draft(self.today) and paper.reviewed and not paper.offered
        facts = {"term": "purposes", "text": "Too wide.", "by": self.people[name]}
        may = with_counsel and name in paper.parties
        if self.attempt(may, comment_on_clause, agreement=paper.row, **facts):
            paper.open_comments += 1

    @rule(paper=papers)
    def answer_all(self, paper: Paper) -> None:
        for comment in paper.row.comments.open():
            self.attempt(True, answer_comment, comment=comment, answer="Done.", by=self.people["provider"])
        paper.open_comments = 0

    @rule(paper=papers)
    def offer(self, paper: Paper) -> None:
        may = paper.is_draft(self.today) and not paper.offered and not paper.open_comments
        if self.attempt(may, send_for_signature, agreement=paper.row, by="test"):
            paper.offered = True

    @rule(paper=papers, purposes=some(PURPOSES), fields=some(FIELDS), linkages=st.sampled_from([[], ["ed"]]))
    def revise(self, paper: Paper, **changes: list[str]) -> None:
        """Where the text becomes another, nobody has signed it, and it was not sent for signature."""
        row = Agreement.objects.get(pk=paper.row.pk)
        changes = {term: sorted(values) for term, values in changes.items()}
        is_news = any(getattr(row, term) != values for term, values in changes.items())
        may = paper.is_draft(self.today) and not set(changes["purposes"]) & set(row.forbidden_purposes)
        before = row.text_hash
        if self.attempt(may, revise_agreement, agreement=row, terms=terms_of(row) | changes, by="test"):
            paper.row = Agreement.objects.get(pk=row.pk)
            assert (paper.row.text_hash != before) == is_news
            if is_news:
                paper.signed, paper.offered = set(), False

    @rule(paper=papers, name=st.sampled_from(PARTIES), has_read=st.booleans())
    def sign(self, paper: Paper, name: str, has_read: bool) -> None:
        """Who has not read the present text can't sign it."""
        is_open = paper.is_draft(self.today) and paper.offered
        text_hash = paper.row.text_hash if has_read else "of another text"
        facts = {"organization": self.organizations[name], "text_hash": text_hash, "by": self.people[name]}
        may = is_open and has_read and name in paper.parties - paper.signed
        if self.attempt(may, sign_agreement, agreement=paper.row, **facts):
            paper.signed.add(name)
            paper.signed_by_all = paper.signed == paper.parties

    @rule(paper=papers)
    def offer_and_sign_for_all(self, paper: Paper) -> None:
        self.answer_all(paper)
        self.offer(paper)
        for name in sorted(paper.parties - paper.signed):
            self.sign(paper, name, has_read=True)

    @rule(paper=papers, name=st.sampled_from(PARTIES))
    def terminate(self, paper: Paper, name: str) -> None:
        may = name in paper.parties and not paper.terminated
        facts = {"by": self.people[name], "reason": "drawn"}
        if self.attempt(may, terminate_agreement, agreement=paper.row, **facts):
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
    def only_signatures_of_all_under_the_present_text_count(self) -> None:
        for paper in self.noted:
            row = Agreement.objects.get(pk=paper.row.pk)
            assert digest_of(row.version.text) == row.text_hash
            unsigned = {party.pk for party in row.unsigned_parties()}
            assert unsigned == {self.organizations[name].pk for name in paper.parties - paper.signed}
            assert (row.signed_at is not None) == paper.signed_by_all

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
