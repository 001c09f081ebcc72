"""Raising a signal: once per finding, with a clock and an owner."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet
from factories import NOON, make_group, make_person, make_place, make_seat

from throughline.ledger.models import Entry
from throughline.signals import kinds
from throughline.signals.actions import raise_signal
from throughline.signals.kinds import SignalKind
from throughline.signals.models import Signal

pytestmark = pytest.mark.django_db
KIND = SignalKind("test_finding", "Test finding", hours_to_answer=4, owner_role="analyst")


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of these tests' own, gone after each, since the register is one for the whole program."""
    monkeypatch.setitem(kinds._kinds, KIND.key, KIND)


def raise_one(fingerprint="test:1", **facts):
    facts = {"kind": "test_finding", "title": "Six in Ward 8", "by": "system:test", "at": NOON} | facts
    return raise_signal(fingerprint=fingerprint, **facts)


class TestOneFindingIsOneSignal:
    def test_the_second_raise_returns_the_first_signal_unchanged(self):
        first, is_new = raise_one()
        again, is_new_again = raise_one(title="Seven in Ward 8", at=NOON + timedelta(hours=1))
        assert (is_new, is_new_again) == (True, False)
        assert again == first
        assert again.title == "Six in Ward 8"

    def test_only_the_first_raise_stands_in_the_ledger(self):
        raise_one()
        raise_one()
        assert Entry.objects.filter(verb="raise_signal").count() == 1

    def test_of_two_processes_that_both_find_nothing_one_creates_and_both_get_it(self, monkeypatch):
        first, _ = raise_one()
        get, misses = QuerySet.get, iter([True])

        def get_that_looked_too_early(self, *args, **kwargs):
            if self.model is Signal and next(misses, False):
                raise Signal.DoesNotExist
            return get(self, *args, **kwargs)

        monkeypatch.setattr(QuerySet, "get", get_that_looked_too_early)
        assert raise_one() == (first, False)
        assert Signal.objects.count() == 1


class TestTheClock:
    def test_it_runs_for_the_hours_of_the_kind(self):
        signal, _ = raise_one()
        assert signal.due_at == NOON + timedelta(hours=4)

    def test_an_unregistered_kind_is_the_programs_fault_and_says_so(self):
        with pytest.raises(KeyError):
            raise_one(kind="never_registered")


class TestTheOwner:
    def test_is_the_named_one(self):
        person = make_person()
        assert raise_one(owner=person)[0].owner == person

    def test_is_otherwise_the_holder_of_the_backbones_seat_of_the_kinds_role(self):
        backbone, elsewhere = make_group(kind="backbone"), make_group(kind="agency")
        make_seat(group=elsewhere, role="analyst", holder=make_person())
        analyst = make_seat(group=backbone, role="analyst", holder=make_person()).holder
        assert raise_one()[0].owner == analyst

    def test_is_nobody_once_the_seat_has_ended_or_its_holder_has_left(self):
        backbone = make_group(kind="backbone")
        make_seat(group=backbone, role="analyst", holder=make_person(), ends_on=NOON.date() - timedelta(1))
        make_seat(group=backbone, role="analyst", holder=make_person(is_active=False))
        assert raise_one()[0].owner is None


def test_a_signal_keeps_its_places_and_evidence():
    ward = make_place()
    signal, _ = raise_one(places=[ward], evidence={"observed": 6})
    assert list(signal.places.all()) == [ward]
    assert signal.evidence == {"observed": 6}


def test_a_title_too_long_for_a_line_is_cut_rather_than_refused():
    signal, _ = raise_one(title="Ward " * 100)
    assert len(signal.title) == 200
    assert signal.title.endswith("…")


def test_a_signal_stays_readable_when_no_app_raises_its_kind_any_more():
    signal = Signal(kind="retired_kind", title="Old")
    assert signal.of_kind.name == "retired kind"
