"""What a project manager does to members, and what the rules say to it."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from factories import make_group, make_organization, make_person, make_place, make_seat, person_with

from throughline.ledger.models import Entry
from throughline.members.accounts.actions import add_person, change_person, invite_person, set_password
from throughline.members.accounts.queries import found
from throughline.members.groups.actions import add_group, add_seat, fill_seat
from throughline.members.groups.models import Seat
from throughline.members.organizations.actions import add_organization, change_organization
from throughline.members.organizations.models import Organization, Sector
from throughline.members.organizations.queries import missing_sectors

AT = datetime(2026, 3, 7, 9, tzinfo=UTC)
TODAY = date(2026, 3, 7)
DONE = {"by": "system:test", "at": AT}

pytestmark = pytest.mark.django_db


def verbs() -> list[str]:
    return list(Entry.objects.values_list("verb", flat=True))


class TestOrganizations:
    def test_added_and_changed_with_an_entry_each(self):
        place = make_place()
        organization = add_organization(name="EMS North", sector="ems", **DONE)
        change_organization(organization, name="EMS", sector="ems", jurisdiction=place, **DONE)
        assert Organization.objects.get().jurisdiction == place
        assert verbs() == ["add_organization", "change_organization"]

    @pytest.mark.parametrize(
        "facts",
        [{"name": "EMS North"}, {"sector": "magic"}, {"name": ""}, {"is_backbone": True}],
        ids=["name taken", "unknown sector", "no name", "second backbone"],
    )
    def test_refused(self, facts):
        make_organization(name="EMS North", is_backbone=True)
        with pytest.raises(ValidationError):
            add_organization(**{"name": "EMS South", "sector": "ems"} | facts, **DONE)
        assert verbs() == []

    def test_the_sectors_that_are_missing(self):
        make_organization(sector=Sector.EMS)
        missing = missing_sectors()
        assert Sector.EMS not in missing
        assert Sector.OTHER not in missing
        assert len(missing) == len(Sector) - 2


class TestPeople:
    def test_someone_is_added_without_a_log_in(self):
        person = add_person(full_name="Ana Ruiz", email="Ana@Example.org", **DONE)
        assert person.email == "ana@example.org"
        assert not person.has_usable_password()
        assert verbs() == ["add_person"]

    @pytest.mark.parametrize("email", ["ANA@example.org", "ana"])
    def test_a_taken_or_bad_address_is_refused(self, email):
        make_person(email="ana@example.org")
        with pytest.raises(ValidationError):
            add_person(full_name="Eve", email=email, **DONE)

    def test_two_people_may_have_no_address(self):
        add_person(full_name="Ana", **DONE)
        assert add_person(full_name="Bo", email="", **DONE).email is None

    def test_who_left_is_no_longer_active(self):
        person = make_person()
        facts = {"full_name": "A", "email": None, "phone": "", "organization": None, "language": "es"}
        change_person(person, **facts, is_active=False, **DONE)
        assert (person.is_active, person.language, verbs()) == (False, "es", ["change_person"])

    def test_a_password_is_checked_before_it_is_set(self):
        person = make_person()
        with pytest.raises(ValidationError, match="too short"):
            set_password(person, password="short", **DONE)
        set_password(person, password="nine lives of a cat", **DONE)
        person.refresh_from_db()
        assert person.check_password("nine lives of a cat")

    def test_an_invitation_is_sent_once_it_is_recorded(self, mailoutbox, django_capture_on_commit_callbacks):
        person = make_person(email="ana@example.org", language="en")
        with django_capture_on_commit_callbacks(execute=True):
            invite_person(person, link="https://example.org/key", **DONE)
            assert mailoutbox == []
        [mail] = mailoutbox
        assert mail.to == ["ana@example.org"]
        assert "https://example.org/key" in mail.body
        assert verbs() == ["invite_person"]

    @pytest.mark.parametrize("facts", [{"email": None}, {"is_active": False}])
    def test_nobody_is_invited_who_can_not_sign_in(self, facts):
        with pytest.raises(ValidationError):
            invite_person(make_person(**facts), link="https://example.org/key", **DONE)

    def test_a_change_names_what_was_changed_but_not_to_what(self):
        """A new address is a way into somebody's account: who gave it must be found, the address must not."""
        person = make_person(email="old@example.org")
        facts = {"full_name": person.full_name, "phone": "", "organization": None, "language": "en"}
        change_person(person, **facts, email="new@example.org", is_active=True, **DONE)
        assert Entry.objects.get().detail == {"changed": ["email"]}

    def test_nobody_moves_themselves_to_another_organization(self):
        """Whose records one sees and for whom one signs depends on it."""
        manager = person_with(role="project_manager", organization=make_organization())
        facts = {"email": manager.email, "phone": "1", "language": "en", "is_active": True}
        facts["full_name"] = manager.full_name
        own = {"organization": manager.organization, "by": manager, "at": AT}
        assert change_person(manager, **facts, **own).phone == "1"
        with pytest.raises(ValidationError, match="Somebody else has to move you"):
            change_person(manager, **facts, **own | {"organization": make_organization()})

    @pytest.mark.parametrize("query", ["ruiz", "NORTH", "ana@", "ana north", "  "])
    def test_found_by_name_organization_or_address(self, query):
        person = make_person(
            full_name="Ana Ruiz", email="ana@example.org", organization=make_organization(name="EMS North")
        )
        assert person in found(query)

    def test_every_word_must_fit(self):
        make_person(full_name="Ana Ruiz")
        assert not found("ana south").exists()


class TestGroups:
    def test_a_group_and_its_seats(self):
        group = add_group(name="Treatment", kind="strategy", **DONE)
        seat = add_seat(group=group, title="Chair", role="chair", **DONE)
        holder, deputy = make_person(), make_person()
        fill_seat(seat, holder=holder, deputy=deputy, **DONE)
        seat.refresh_from_db()
        assert (seat.holder, seat.deputy) == (holder, deputy)
        assert verbs() == ["add_group", "add_seat", "fill_seat"]

    def test_filling_says_who_sat_there_before(self):
        before, after = make_person(), make_person()
        seat = make_seat(holder=before)
        fill_seat(seat, holder=after, deputy=None, **DONE)
        assert Entry.objects.get().detail["before"] == {"holder": before.pk, "deputy": None}
        assert Entry.objects.get().detail["after"] == {"holder": after.pk, "deputy": None}

    @pytest.mark.parametrize("chair", ["holder", "deputy"])
    def test_nobody_gives_themselves_rights(self, chair):
        manager = person_with(role="project_manager")
        act = {"by": manager, "at": AT}
        seated = {"holder": None, "deputy": None} | {chair: manager}
        with pytest.raises(ValidationError, match="rights to themselves"):
            fill_seat(make_seat(role="administrator"), **seated, **act)
        with pytest.raises(ValidationError, match="rights to themselves"):
            add_seat(group=make_group(), title="Officer", role="privacy_officer", **seated, **act)

    def test_a_seat_without_new_rights_may_be_taken(self):
        manager = person_with(role="project_manager")
        seat = make_seat(role="chair")
        fill_seat(seat, holder=manager, deputy=None, by=manager, at=AT)
        assert Seat.objects.get(pk=seat.pk).holder == manager

    def test_nobody_deputises_for_themselves(self):
        person = make_person()
        with pytest.raises(ValidationError, match="someone else"):
            fill_seat(make_seat(), holder=person, deputy=person, **DONE)

    def test_a_title_is_given_once_in_a_group(self):
        seat = make_seat()
        with pytest.raises(ValidationError):
            add_seat(group=seat.group, title=seat.title, role="member", **DONE)

    def test_a_seat_does_not_end_before_it_starts(self):
        with pytest.raises(ValidationError, match="before it starts"):
            add_seat(
                group=make_group(),
                title="Chair",
                role="chair",
                starts_on=TODAY,
                ends_on=date(2026, 3, 6),
                **DONE,
            )

    def test_unknown_kinds_and_roles_are_refused(self):
        with pytest.raises(ValidationError, match="not a kind"):
            add_group(name="X", kind="club", **DONE)
        with pytest.raises(ValidationError, match="not a role"):
            add_seat(group=make_group(), title="X", role="king", **DONE)


class TestSeats:
    def test_what_is_empty_and_what_lacks_a_deputy(self):
        alone = make_seat(holder=make_person())
        make_seat(holder=make_person(), deputy=make_person())
        nobody = make_seat()
        left = make_seat(holder=make_person(is_active=False))
        make_seat(ends_on=date(2026, 3, 6))
        assert set(Seat.objects.empty(TODAY)) == {nobody, left}
        assert set(Seat.objects.without_deputy(TODAY)) == {alone}
