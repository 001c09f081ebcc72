"""What the pages of groups, people and signals say about their promises."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from throughline.decisions.commitments.models import Commitment
from throughline.decisions.commitments.queries import commitments_with_people
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group
from throughline.ui.sections import Section, section

SHOWN = 20


@section("group")
def promises_of_group(request: HttpRequest, group: Group, at: datetime) -> Section:
    return _section(commitments_with_people().filter(group=group).open(), at, f"group={group.pk}")


@section("person")
def promises_of_person(request: HttpRequest, person: Person, at: datetime) -> Section:
    return _section(commitments_with_people().of(person).open(), at, f"owner={person.pk}")


def _section(promises: QuerySet[Commitment], at: datetime, filled_in: str) -> Section:
    found = list(promises[: SHOWN + 1])
    context: dict[str, Any] = {
        "promises": found[:SHOWN],
        "more": len(found) > SHOWN,
        "filled_in": filled_in,
        "at": at,
    }
    return Section(_("Open commitments"), "commitments/section.html", context, order=2)
