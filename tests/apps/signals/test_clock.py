"""How much time is left, in words."""

from datetime import timedelta

import pytest
from factories import NOON

from throughline.signals.clock import standing, time_left
from throughline.signals.models import Signal


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=3, minutes=12), "3 h 12 min left"),
        (timedelta(minutes=40), "40 min left"),
        (timedelta(days=2, hours=5, minutes=59), "2 d 5 h left"),
        (timedelta(), "0 min left"),
        (-timedelta(minutes=40), "40 min late"),
        (-timedelta(days=1), "1 d 0 h late"),
    ],
)
def test_time_left(left, words):
    assert time_left(NOON + left, NOON) == words


@pytest.mark.parametrize(
    ("facts", "label", "tone"),
    [
        ({"due_at": NOON + timedelta(hours=1)}, "Waiting", "warning"),
        ({"due_at": NOON - timedelta(hours=1)}, "Late", "bad"),
        ({"due_at": NOON - timedelta(hours=1), "acknowledged_at": NOON}, "Being answered", "neutral"),
        ({"due_at": NOON, "closed_at": NOON, "verdict": "worked"}, "Answered, and it worked", "good"),
        ({"due_at": NOON, "closed_at": NOON, "verdict": "false_alarm"}, "False alarm", "neutral"),
    ],
)
def test_standing(facts, label, tone):
    now = standing(Signal(**facts), NOON)
    assert (now.label, now.tone) == (label, tone)
