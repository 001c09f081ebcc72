"""What is known while a roster is brought in: people, organizations, groups and seats, each found by what names it."""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group, Seat
from throughline.members.groups.roster.rows import RosterRow
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place


class Register:
    """Read once, then kept up as rows are stored; `done` counts what was added and changed, `by` brings it in."""

    def __init__(self, rows: list[RosterRow], *, by: object, on: date) -> None:
        self.by, self.on = by, on
        codes = {row.jurisdiction for row in rows if row.jurisdiction}
        self.places = {place.code: place for place in Place.objects.filter(code__in=codes).defer("boundary")}
        self.organizations = {
            found.name.casefold(): found for found in Organization.objects.select_related("jurisdiction")
        }
        self.groups = {found.name.casefold(): found for found in Group.objects.all()}
        self.seats = {
            (seat.group_id, seat.title.casefold()): seat
            for seat in Seat.objects.select_related("holder", "deputy")
        }
        self.by_email: dict[str, Person] = {}
        self.by_name: dict[str, list[Person]] = defaultdict(list)
        for person in Person.objects.select_related("organization"):
            self.note(person)
        self.done: Counter[str] = Counter()

    def note(self, person: Person) -> None:
        if person.email:
            self.by_email[person.email] = person
        if person not in self.by_name[person.full_name.casefold()]:
            self.by_name[person.full_name.casefold()].append(person)

    def matching(self, row: RosterRow, organization: Organization | None) -> list[Person]:
        """Whom the row means: by e-mail address, else by name and organization."""
        if row.email in self.by_email:
            return [self.by_email[row.email]]
        return [
            person
            for person in self.by_name[row.full_name.casefold()]
            if person.organization_id == (organization.pk if organization else None)
            and not (row.email and person.email)
        ]

    def named(self, text: str) -> list[Person]:
        """Everyone with that e-mail address or name."""
        person = self.by_email.get(text.lower())
        return [person] if person else self.by_name[text.casefold()]

    def keep(self, thing: Any, what: str, **facts: Any) -> Any:
        """Store the thing with those facts that are given and new, and count it as added or changed."""
        changed = {name: value for name, value in facts.items() if value and getattr(thing, name) != value}
        for name, value in changed.items():
            setattr(thing, name, value)
        if thing.pk is None:
            self.done[f"{what}_added"] += 1
            thing.save()
        elif changed:
            self.done[f"{what}_changed"] += 1
            thing.save()
        return thing
