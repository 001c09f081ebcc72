"""The checklist of an answer: acknowledge, plan, move, close, each with its clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from throughline.action.response.models import Response
from throughline.members.accounts.models import Person
from throughline.signals.clock import Standing
from throughline.signals.models import Signal

VERDICT_WITHIN = timedelta(days=14)  # the accountability meeting's cadence


@dataclass(frozen=True)
class Step:
    """`state` is done, next, later, or skipped where the signal was closed without it.

    `due_at` is known once the step before is done.
    """

    key: str
    name: Any
    due_at: datetime | None
    done_at: datetime | None
    done_by: Person | None
    state: str

    def standing(self, at: datetime) -> Standing:
        if self.state == "next" and self.due_at and self.due_at < at:
            return Standing(_("Late"), "bad")
        words = {
            "done": Standing(_("Done"), "good"),
            "next": Standing(_("Next"), "warning"),
            "later": Standing(_("Later"), "neutral"),
            "skipped": Standing(_("Not needed"), "neutral"),
        }
        return words[self.state]


def steps_of(signal: Signal, response: Response | None) -> list[Step]:
    """Planning and moving have as long as the kind gives for acknowledging; the verdict has 14 days."""
    hours = timedelta(hours=signal.of_kind.hours_to_answer)
    planned_at, moved_at = (response.planned_at, response.moved_at) if response else (None, None)
    planned_by, moved_by = (response.planned_by, response.moved_by) if response else (None, None)
    facts = [
        ("acknowledge", _("Acknowledge"), signal.due_at, signal.acknowledged_at, signal.acknowledged_by),
        ("plan", _("Plan"), _after(signal.acknowledged_at, hours), planned_at, planned_by),
        ("move", _("Move help"), _after(planned_at, hours), moved_at, moved_by),
        ("close", _("Verdict"), _after(moved_at, VERDICT_WITHIN), signal.closed_at, signal.closed_by),
    ]
    states = _states([done_at for _key, _name, _due, done_at, _by in facts], is_waiting=signal.is_waiting)
    return [Step(*fact, state=state) for fact, state in zip(facts, states, strict=True)]


def _states(done: list[datetime | None], *, is_waiting: bool) -> list[str]:
    first_undone = done.index(None) if None in done else len(done)
    undone = ["next" if turn == first_undone else "later" for turn in range(len(done))]
    return [
        "done" if done_at else state if is_waiting else "skipped"
        for done_at, state in zip(done, undone, strict=True)
    ]


def _after(moment: datetime | None, span: timedelta) -> datetime | None:
    return moment + span if moment else None
