"""Two people click in the same instant: the database queues them, and one act comes of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from factories import NOON, make_person, make_signal

from throughline.action.response.actions import open_response
from throughline.action.response.models import Response
from throughline.decisions.commitments.actions import give_proof, make_commitment, move_due_date
from throughline.decisions.commitments.models import Commitment, Proof, Slip
from throughline.ledger.models import Entry
from throughline.ledger.queries import verify
from throughline.signals.actions import raise_signal
from throughline.signals.models import Signal

DAY = NOON.date()
CLICKS = 4

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor == 'sqlite'",
        reason="SQLite's database of tests is one connection; in an installation it lets one writer in at a time",
    ),
]


def at_once(act):
    """Do it in several threads that start together, each on a connection of its own."""
    start = Barrier(CLICKS)

    def click(_number):
        try:
            start.wait(timeout=10)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(CLICKS) as pool:
        return list(pool.map(click, range(CLICKS)))


def promise():
    owner = make_person()
    return make_commitment(what="Restock", owner=owner, deputy=make_person(), due_on=DAY, by=owner, at=NOON)


def test_one_finding_raised_by_several_processes_is_one_signal():
    facts = {"kind": "silent_feed", "fingerprint": "race", "title": "Race", "by": "system:test", "at": NOON}
    raised = at_once(lambda: raise_signal(**facts))
    assert sum(is_new for _signal, is_new in raised) == Signal.objects.count() == Entry.objects.count() == 1


def test_one_form_sent_several_times_is_one_promise():
    owner, deputy = make_person(), make_person()
    facts = {"what": "Restock", "owner": owner, "deputy": deputy, "due_on": DAY, "by": owner, "at": NOON}
    made = at_once(lambda: make_commitment(**facts))
    assert len(set(made)) == Commitment.objects.count() == Entry.objects.count() == 1


def test_one_move_sent_several_times_is_one_slip():
    made = promise()
    facts = {"to_on": DAY + timedelta(days=9), "reason": "Repair", "by": made.owner, "at": NOON}
    at_once(lambda: move_due_date(commitment=Commitment.objects.get(), **facts))
    assert Slip.objects.count() == 1


def test_one_proof_sent_several_times_is_one_proof():
    made = promise()
    facts = {"kind": "attestation", "statement": "Done", "by": made.owner, "at": NOON}
    at_once(lambda: give_proof(commitment=Commitment.objects.get(), **facts))
    assert Proof.objects.count() == 1


def test_several_people_who_acknowledge_at_once_open_one_response():
    make_signal()
    at_once(lambda: open_response(signal=Signal.objects.get(), by=make_person(), at=NOON))
    response = Response.objects.get()
    assert response.opened_by == Signal.objects.get().acknowledged_by == Signal.objects.get().owner
    assert verify().intact
