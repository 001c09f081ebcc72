"""What was done about a signal, told from the ledger in plain words."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from throughline.action.response.models import Response
from throughline.decisions.commitments.models import Commitment
from throughline.ledger.actions import name_of
from throughline.ledger.models import Entry
from throughline.members.accounts.models import Person
from throughline.signals.models import Signal, Verdict

VERBS = {
    "raise_signal": gettext_lazy("raised the signal"),
    "assign_signal": gettext_lazy("assigned it to %(owner)s"),
    "acknowledge_signal": gettext_lazy("acknowledged it"),
    "end_signal": gettext_lazy("saw that it is over"),
    "open_response": gettext_lazy("opened a response"),
    "plan_response": gettext_lazy("wrote the plan"),
    "record_movement": gettext_lazy("said what help moved"),
    "close_signal": gettext_lazy("closed it: %(verdict)s"),
    "make_commitment": gettext_lazy("wrote down the promise “%(what)s”"),
    "move_due_date": gettext_lazy("moved “%(what)s” from %(from)s to %(to)s"),
    "give_proof": gettext_lazy("gave proof of “%(what)s”"),
    "close_commitment": gettext_lazy("closed the promise “%(what)s”"),
}


@dataclass(frozen=True)
class Event:
    at: datetime
    who: Person | None  # None: the program itself
    did: str


def history_of(signal: Signal, response: Response | None, commitments: list[Commitment]) -> list[Event]:
    """All entries about the signal, its response and its promises, oldest first; two queries."""
    promises = {name_of(commitment): commitment.what for commitment in commitments}
    subjects = [name_of(signal), *([name_of(response)] if response else []), *promises]
    entries = list(Entry.objects.filter(subject__in=subjects).order_by("sequence"))
    people = _people_in(entries)
    return [Event(entry.at, people.get(entry.actor), _told(entry, people, promises)) for entry in entries]


def _people_in(entries: list[Entry]) -> dict[str, Person]:
    names = {entry.actor for entry in entries} | {entry.detail.get("owner", "") for entry in entries}
    keys = {int(name.removeprefix("person:")) for name in names if name.startswith("person:")}
    return {name_of(person): person for person in Person.objects.filter(pk__in=keys)}


def _told(entry: Entry, people: dict[str, Person], promises: dict[str, str]) -> str:
    days = {
        key: date_format(date.fromisoformat(entry.detail[key]))
        for key in {"from", "to"} & entry.detail.keys()
    }
    facts: dict[str, Any] = {
        **days,
        "what": promises.get(entry.subject, ""),
        "owner": people.get(entry.detail.get("owner", ""), _("somebody")),
        "verdict": dict(Verdict.choices).get(entry.detail.get("verdict", ""), ""),
    }
    words = VERBS.get(entry.verb)
    return str(words) % defaultdict(str, facts) if words else entry.verb.replace("_", " ")
