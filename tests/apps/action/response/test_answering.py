"""The answer to a signal: acknowledge, plan, move, close, in that order and each once."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from factories import NOON, make_person, make_signal
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from throughline.action.response.actions import (
    close_response,
    open_response,
    plan_response,
    record_movement,
)
from throughline.action.response.models import Response
from throughline.action.response.steps import steps_of
from throughline.decisions.commitments.actions import close_commitment, make_commitment
from throughline.ledger.models import Entry
from throughline.signals.models import Signal

HOUR = timedelta(hours=1)


@pytest.fixture
def signal(db):
    return make_signal()


@pytest.fixture
def person(db):
    return make_person()


@pytest.fixture
def response(signal, person):
    return open_response(signal=signal, by=person, at=NOON + HOUR)


def plan(response, text="Post a unit at Ferry Street", *, at=NOON + 2 * HOUR, by=None):
    return plan_response(response=response, plan=text, by=by or response.opened_by, at=at)


def move(response, text="One unit, 40 kits", *, at=NOON + 3 * HOUR):
    return record_movement(response=response, movement=text, by=response.opened_by, at=at)


def keep_a_promise(signal, person, outcome="done"):
    made = make_commitment(
        what="Post a unit", owner=person, deputy=make_person(), due_on=date(2026, 3, 9), signal=signal,
        by=person, at=NOON,
    )  # fmt: skip
    proof = {"kind": "attestation", "statement": "Posted"} if outcome == "done" else None
    close_commitment(commitment=made, outcome=outcome, note="Late", proof=proof, by=person, at=NOON)


class TestOpening:
    def test_acknowledges_the_signal(self, signal, response, person):
        assert (signal.acknowledged_at, signal.acknowledged_by) == (NOON + HOUR, person)

    def test_twice_is_one_response(self, signal, response):
        again = open_response(signal=Signal.objects.get(), by=make_person(), at=NOON + 2 * HOUR)
        assert again == response
        assert again.opened_by == response.opened_by
        assert Entry.objects.filter(verb="open_response").count() == 1

    def test_a_closed_signal_is_refused(self, signal, person):
        close_response(signal=signal, verdict="false_alarm", note="A drill", by=person, at=NOON)
        with pytest.raises(ValidationError, match="closed already"):
            open_response(signal=signal, by=person, at=NOON)


class TestPlanning:
    @pytest.mark.parametrize("text", ["", "  \n "])
    def test_needs_words(self, response, text):
        with pytest.raises(ValidationError, match="what will be done"):
            plan(response, text)

    def test_a_better_plan_replaces_the_first_and_the_clock_keeps_the_first_time(self, response):
        plan(response)
        plan(response, "Two units", at=NOON + 9 * HOUR, by=make_person())
        stored = Response.objects.get()
        assert stored.plan == "Two units"
        assert (stored.planned_at, stored.planned_by) == (NOON + 2 * HOUR, response.opened_by)

    def test_the_same_plan_again_records_nothing(self, response):
        plan(response)
        plan(response)
        assert Entry.objects.filter(verb="plan_response").count() == 1


class TestMoving:
    def test_needs_a_plan(self, response):
        with pytest.raises(ValidationError, match="plan first"):
            move(response)

    def test_later_movements_are_added_and_none_is_lost(self, response):
        plan(response)
        move(response, "One unit")
        move(response, "Ten more kits", at=NOON + 5 * HOUR)
        move(response, "Ten more kits", at=NOON + 5 * HOUR)
        stored = Response.objects.get()
        assert stored.movement == "One unit\n\nTen more kits"
        assert stored.moved_at == NOON + 3 * HOUR

    def test_needs_words(self, response):
        plan(response)
        with pytest.raises(ValidationError, match="what help went where"):
            move(response, "  ")


class TestClosing:
    def close(self, signal, person, verdict="worked", note=""):
        return close_response(signal=signal, verdict=verdict, note=note, by=person, at=NOON + 9 * HOUR)

    @pytest.mark.parametrize("verdict", ["worked", "did_not", "cannot_tell"])
    def test_with_a_kept_promise_needs_no_note(self, signal, response, person, verdict):
        keep_a_promise(signal, person)
        assert self.close(signal, person, verdict).verdict == verdict

    @pytest.mark.parametrize("verdict", ["worked", "did_not", "cannot_tell"])
    def test_without_a_promise_needs_a_note(self, signal, response, person, verdict):
        with pytest.raises(ValidationError, match="No commitment"):
            self.close(signal, person, verdict, note=" ")
        assert self.close(signal, person, verdict, note="The unit was there already").verdict == verdict

    def test_a_dropped_promise_is_no_kept_one(self, signal, response, person):
        keep_a_promise(signal, person, outcome="dropped")
        with pytest.raises(ValidationError, match="No commitment"):
            self.close(signal, person)

    def test_a_signal_that_nobody_answered_did_not_work(self, signal, person):
        with pytest.raises(ValidationError, match="Open a response first"):
            self.close(signal, person, note="It went away")

    def test_a_false_alarm_closes_from_any_state_with_a_note(self, signal, person):
        with pytest.raises(ValidationError, match="false alarm"):
            self.close(signal, person, "false_alarm")
        assert self.close(signal, person, "false_alarm", "Two reports of one event").verdict == "false_alarm"

    def test_nothing_is_planned_or_moved_afterwards(self, signal, response, person):
        plan(response)
        self.close(signal, person, note="Over")
        for act in (lambda: plan(response, "More"), lambda: move(response)):
            with pytest.raises(ValidationError, match="closed already"):
                act()

    def test_twice_keeps_the_first_verdict(self, signal, response, person):
        self.close(signal, person, note="Over")
        with pytest.raises(ValidationError, match="closed already"):
            self.close(signal, person, "false_alarm", "After all")
        assert Signal.objects.get().verdict == "worked"


class TestTheChecklist:
    def states(self, signal, response=None):
        return [(step.key, step.state) for step in steps_of(signal, response)]

    def test_begins_with_acknowledging(self, signal):
        assert self.states(signal) == [
            ("acknowledge", "next"), ("plan", "later"), ("move", "later"), ("close", "later"),
        ]  # fmt: skip

    def test_follows_the_row(self, signal, response):
        plan(response)
        assert self.states(signal, response) == [
            ("acknowledge", "done"), ("plan", "done"), ("move", "next"), ("close", "later"),
        ]  # fmt: skip

    def test_a_false_alarm_skips_the_rest(self, signal, person):
        close_response(signal=signal, verdict="false_alarm", note="A drill", by=person, at=NOON)
        assert [state for _key, state in self.states(signal)] == ["done", "skipped", "skipped", "done"]

    def test_each_step_has_its_clock_from_the_step_before(self, signal, response):
        hours = timedelta(hours=signal.of_kind.hours_to_answer)
        plan(response)
        acknowledge, planned, moved, closed = steps_of(signal, response)
        assert acknowledge.due_at == signal.due_at
        assert planned.due_at == NOON + HOUR + hours
        assert moved.due_at == NOON + 2 * HOUR + hours
        assert closed.due_at is None
        assert moved.standing(moved.due_at).label == "Next"
        assert moved.standing(moved.due_at + timedelta(seconds=1)).label == "Late"


MOVES = ["open", "plan", "move", "promise", "worked", "worked_with_note", "false_alarm", "bad_verdict"]


class TestNoOrderOfMovesBreaksAnAnswer(TestCase):
    @settings(max_examples=80, deadline=None)
    @given(moves=st.lists(st.sampled_from(MOVES), max_size=10))
    def test_invariants(self, moves):
        signal, person = make_signal(), make_person()
        for hour, name in enumerate(moves):
            _try(name, signal, person, NOON + hour * HOUR)
        stored = Signal.objects.get(pk=signal.pk)
        response = Response.objects.filter(signal=signal).first()
        states = [step.state for step in steps_of(stored, response)]
        assert stored.is_open == ("skipped" not in states and states[-1] != "done")
        assert not stored.is_open or states == sorted(states, key=["done", "next", "later"].index)
        if response:
            assert stored.acknowledged_at <= response.opened_at
            assert not response.moved_at or response.planned_at <= response.moved_at
        if stored.closed_at and stored.verdict != "false_alarm":
            assert response
            assert stored.closing_note or stored.commitments.filter(outcome="done").exists()
        assert Entry.objects.filter(verb="close_signal").count() == bool(stored.closed_at)


def _try(name, signal, person, at):
    by = {"by": person, "at": at}
    response = Response.objects.filter(signal=signal).first()
    acts = {
        "open": lambda: open_response(signal=signal, **by),
        "plan": lambda: response and plan_response(response=response, plan=f"Plan at {at}", **by),
        "move": lambda: response and record_movement(response=response, movement=f"Moved at {at}", **by),
        "promise": lambda: keep_a_promise(signal, person),
        "worked": lambda: close_response(signal=signal, verdict="worked", **by),
        "worked_with_note": lambda: close_response(signal=signal, verdict="worked", note="Seen", **by),
        "false_alarm": lambda: close_response(signal=signal, verdict="false_alarm", note="A drill", **by),
        "bad_verdict": lambda: close_response(signal=signal, verdict="perhaps", note="Hm", **by),
    }
    try:
        acts[name]()
    except ValidationError:
        signal.refresh_from_db()
