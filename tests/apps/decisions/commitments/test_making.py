"""A promise has an owner, a deputy and a day, and is written down once."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from factories import NOON, make_group, make_person, make_signal

from throughline.decisions.commitments.models import Commitment
from throughline.ledger.models import Entry
from throughline.signals.actions import close_signal

TODAY = date(2026, 3, 7)


def test_it_keeps_the_day_first_named(promise):
    made = promise(due_on=date(2026, 3, 14))
    assert (made.first_due_on, made.due_on) == (date(2026, 3, 14), date(2026, 3, 14))


def test_the_ledger_names_the_signal(promise):
    signal = make_signal()
    made = promise(signal=signal)
    entry = Entry.objects.get()
    assert (entry.verb, entry.subject) == ("make_commitment", f"commitment:{made.pk}")
    assert entry.detail == {"signal": f"signal:{signal.pk}"}


def test_two_clicks_make_one_promise(promise):
    owner, deputy = make_person(), make_person()
    first = promise(owner=owner, deputy=deputy)
    assert promise(owner=owner, deputy=deputy, what="  Post a unit with kits in Ward 8 ") == first
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    "other", [{"what": "Restock the library"}, {"due_on": date(2026, 3, 15)}, {"group": "other"}]
)
def test_another_promise_of_the_same_owner_is_another_promise(promise, other):
    owner = make_person()
    promise(owner=owner)
    promise(owner=owner, **{key: make_group() if key == "group" else value for key, value in other.items()})
    assert Commitment.objects.count() == 2


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"what": "   "}, "Say what will be done"),
            ({"due_on": date(2026, 3, 6)}, "is past"),
            ({"what": "x" * 301}, "300"),
        ],
    )
    def test_faulty_facts(self, promise, facts, sentence):
        with pytest.raises(ValidationError, match=sentence):
            promise(**facts)
        assert not Commitment.objects.exists()

    def test_an_owner_who_is_their_own_deputy(self, promise):
        person = make_person()
        with pytest.raises(ValidationError, match="somebody else than the owner"):
            promise(owner=person, deputy=person)

    @pytest.mark.parametrize("who", ["owner", "deputy"])
    def test_people_who_have_left(self, promise, who):
        with pytest.raises(ValidationError, match="has left"):
            promise(**{who: make_person(is_active=False)})

    def test_an_answer_to_a_closed_signal(self, promise):
        signal = close_signal(signal=make_signal(), verdict="worked", by=make_person(), at=NOON)
        with pytest.raises(ValidationError, match="closed already"):
            promise(signal=signal)

    def test_all_faults_are_told_at_once(self, promise):
        with pytest.raises(ValidationError) as refused:
            promise(what="", due_on=date(2026, 3, 6))
        assert len(refused.value.messages) == 2
