"""Proving and closing: done needs a proof, dropped needs a reason, and both happen once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from factories import NOON, make_person, make_seat, person_with
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from throughline.decisions.commitments.actions import (
    close_commitment,
    give_proof,
    make_commitment,
    move_due_date,
)
from throughline.decisions.commitments.models import Commitment, Proof
from throughline.decisions.commitments.queries import PromiseCount, count_promises, may_keep
from throughline.ledger.models import Entry

WORD = {"kind": "attestation", "statement": "I handed out 40 kits"}


def prove(promised, **facts):
    return give_proof(commitment=promised, by=promised.owner, at=NOON, **WORD | facts)


def close(promised, outcome="done", *, at=NOON, **facts):
    return close_commitment(commitment=promised, outcome=outcome, by=promised.owner, at=at, **facts)


class TestProof:
    @pytest.mark.parametrize(
        "facts",
        [
            {"kind": "attestation"},
            {"kind": "link", "link": "https://example.org/photo"},
            {"kind": "number", "number": Decimal(40)},
            {"kind": "file", "file": ContentFile(b"signed sheet", "sheet.pdf")},
        ],
    )
    def test_is_a_word_a_link_a_number_or_a_file(self, promise, facts):
        prove(promise(), **facts)
        assert Proof.objects.get().kind == facts["kind"]

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"kind": "link"}, "Give the link"),
            ({"kind": "link", "link": "javascript:alert(1)"}, "valid URL"),
            ({"kind": "number"}, "Give the number"),
            ({"kind": "file"}, "Choose the file"),
            ({"kind": "rumour"}, "not a valid choice"),
            ({"statement": "  "}, "blank"),
        ],
    )
    def test_must_hold_what_its_kind_says(self, promise, facts, sentence):
        with pytest.raises(ValidationError, match=sentence):
            prove(promise(), **facts)

    def test_given_twice_is_one_proof(self, promise):
        promised = promise()
        assert prove(promised) == prove(promised)
        assert Entry.objects.filter(verb="give_proof").count() == 1

    def test_two_files_under_one_statement_are_two_proofs_and_one_file_twice_is_one(self, promise):
        promised = promise()
        for content in (b"monday", b"tuesday", b"monday"):
            prove(promised, kind="file", file=ContentFile(content, "sheet.txt"))
        assert {proof.file.open().read() for proof in Proof.objects.all()} == {b"monday", b"tuesday"}
        assert Proof.objects.count() == 2


class TestClosing:
    def test_done_needs_a_proof(self, promise):
        with pytest.raises(ValidationError, match="needs a proof"):
            close(promise())

    def test_done_with_a_proof_given_before(self, promise):
        promised = promise()
        prove(promised)
        assert close(promised).outcome == "done"

    def test_done_with_a_proof_given_in_the_same_breath(self, promise):
        assert close(promise(), proof=WORD).proofs.count() == 1

    def test_a_faulty_proof_leaves_the_promise_open(self, promise):
        promised = promise()
        with pytest.raises(ValidationError):
            close(promised, proof=WORD | {"kind": "link"})
        assert Commitment.objects.get().closed_at is None

    def test_dropped_needs_a_reason(self, promise):
        with pytest.raises(ValidationError, match="Say why"):
            close(promise(), "dropped", note=" ")
        assert not Proof.objects.exists()

    def test_dropped_keeps_the_reason(self, promise):
        close(promise(), "dropped", note="The site has closed")
        assert Commitment.objects.get().closing_note == "The site has closed"

    def test_happens_once_even_from_a_stale_page(self, promise):
        promised = promise()
        stale = Commitment.objects.get()
        close(promised, proof=WORD)
        with pytest.raises(ValidationError, match="closed already"):
            close(stale, "dropped", note="Changed my mind")
        assert Commitment.objects.get().outcome == "done"


class TestTheCountOfPromises:
    def test_sorts_each_promise_into_one_heap(self, promise):
        day = timedelta(days=1)
        promise(what="open", due_on=date(2026, 5, 1))
        promise(what="overdue")
        close(promise(what="kept"), proof=WORD, at=NOON + 7 * day)
        renegotiated = promise(what="moved in time")
        move_due_date(
            commitment=renegotiated, to_on=date(2026, 3, 20), reason="Repair", by=renegotiated.owner, at=NOON
        )
        close(renegotiated, proof=WORD, at=NOON + 12 * day)
        close(promise(what="done late"), proof=WORD, at=NOON + 8 * day)
        slipped = promise(what="slipped")
        move_due_date(
            commitment=slipped, to_on=date(2026, 4, 1), reason="Rain", by=slipped.owner, at=NOON + 9 * day
        )
        close(slipped, proof=WORD, at=NOON + 10 * day)
        close(promise(what="dropped"), "dropped", note="Not needed")
        counted = count_promises(Commitment.objects.all(), on=date(2026, 3, 31))
        assert counted == PromiseCount(open=2, overdue=1, kept=1, moved_in_time=1, slipped=2, dropped=1)


class TestWhoMayKeepAPromise:
    ON = date(2026, 3, 7)

    def test_owner_and_deputy(self, promise):
        promised = promise()
        assert may_keep(promised.owner, promised, on=self.ON)
        assert may_keep(promised.deputy, promised, on=self.ON)

    def test_the_chair_of_its_group_and_the_chairs_deputy_but_of_no_other_group(self, promise):
        seat = make_seat(role="chair", holder=make_person(), deputy=make_person())
        promised = promise(group=seat.group)
        assert may_keep(seat.holder, promised, on=self.ON)
        assert may_keep(seat.deputy, promised, on=self.ON)
        assert not may_keep(person_with(role="chair"), promised, on=self.ON)

    def test_a_chair_has_no_say_over_promises_of_no_group(self, promise):
        assert not may_keep(person_with(role="chair"), promise(), on=self.ON)

    def test_a_project_manager(self, promise):
        assert may_keep(person_with(role="project_manager"), promise(), on=self.ON)

    @pytest.mark.parametrize("role", ["member", "analyst", "commissioner", "administrator"])
    def test_nobody_else(self, promise, role):
        assert not may_keep(person_with(role=role), promise(), on=self.ON)


STEPS = st.lists(
    st.tuples(st.sampled_from(["move", "prove", "done", "dropped"]), st.integers(0, 12)), max_size=10
)


class TestNoOrderOfMovesBreaksAPromise(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(steps=STEPS)
    def test_invariants(self, steps):
        owner = make_person()
        promised = make_commitment(
            what="Restock", owner=owner, deputy=make_person(), due_on=date(2026, 3, 10), by=owner, at=NOON
        )
        at = NOON
        for step, days in steps:
            at += timedelta(days=days)
            _try(step, promised, at)
        stored = Commitment.objects.get(pk=promised.pk)
        slips = list(stored.slips.all())
        dates = [stored.first_due_on, *(slip.to_on for slip in slips)]
        assert stored.due_on == dates[-1] == max(dates)
        assert [slip.from_on for slip in slips] == dates[:-1]
        assert stored.outcome != "done" or stored.proofs.exists()
        assert all(slip.counts == (slip.asked_at.date() > slip.from_on) for slip in slips)
        assert Entry.objects.filter(verb="move_due_date").count() == len(slips)
        assert Entry.objects.filter(verb="close_commitment").count() == bool(stored.closed_at)


def _try(step, promised, at):
    by = {"commitment": promised, "by": promised.owner, "at": at}
    acts = {
        "move": lambda: move_due_date(to_on=at.date() + timedelta(days=3), reason="Rain", **by),
        "prove": lambda: give_proof(**WORD, **by),
        "done": lambda: close_commitment(outcome="done", **by),
        "dropped": lambda: close_commitment(outcome="dropped", note="Moved away", **by),
    }
    try:
        acts[step]()
    except ValidationError:
        promised.refresh_from_db()
