"""The pages of members: what they show, to whom, and at what cost."""

import pytest
from django.utils import timezone
from factories import make_group, make_organization, make_person, make_place, make_seat, person_with

from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group, Seat
from throughline.members.groups.today import seats_to_fill
from throughline.members.organizations.models import Organization
from throughline.ui import sections
from throughline.ui.sections import Section, section

pytestmark = pytest.mark.django_db

READ = ["/places/", "/organizations/", "/people/", "/groups/"]
MANAGE = ["/organizations/new/", "/people/new/", "/groups/new/", "/people/import/"]


@pytest.fixture
def member(client_for):
    return client_for("member")


@pytest.fixture
def manager(client_for):
    return client_for("project_manager")


def text_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


class TestWhoSees:
    @pytest.mark.parametrize("path", READ)
    def test_every_member_reads(self, member, path):
        assert "<h1>" in text_of(member.get(path))

    @pytest.mark.parametrize("path", MANAGE)
    def test_only_who_manages_members_changes(self, member, manager, path):
        assert member.get(path).status_code == 403
        assert "<h1>" in text_of(manager.get(path))

    @pytest.mark.parametrize("path", READ + MANAGE)
    def test_a_stranger_signs_in_first(self, client, path):
        assert client.get(path).url == f"/account/login/?next={path}"

    def test_buttons_are_shown_to_who_may_press_them(self, member, manager):
        assert "/people/new/" not in text_of(member.get("/people/"))
        assert "/people/new/" in text_of(manager.get("/people/"))

    @pytest.mark.parametrize(
        "path", ["/places/none/", "/organizations/999/", "/people/999/", "/groups/999/", "/groups/seats/999/"]
    )
    def test_what_does_not_exist_is_not_found(self, manager, path):
        assert manager.get(path).status_code == 404


class TestPlaces:
    def test_the_list_starts_with_the_widest(self, member):
        city = make_place(name="Riverside", population=120_000)
        make_place(name="Ward 8", parent=city)
        text = text_of(member.get("/places/"))
        assert "Riverside" in text
        assert "Ward 8" not in text

    def test_a_place_shows_what_lies_around_and_inside_it(self, member):
        city = make_place(name="Riverside")
        ward = make_place(name="Ward 8", parent=city)
        tract = make_place(name="Tract 1", parent=ward, code="17 031/a")
        ward.strata.create(dimension="age_group", value="20-29", population=17)
        text = text_of(member.get(f"/places/{ward.code}/"))
        assert all(shown in text for shown in ("Riverside", "Tract 1", "20-29"))
        assert "Ward 8" in text_of(member.get(f"/places/{tract.code}/"))

    @pytest.mark.parametrize("query", ["ward 8", "W8"])
    def test_found_by_name_or_code(self, member, query):
        make_place(name="Ward 8", code="W8", parent=make_place(name="Riverside"))
        text = text_of(member.get("/places/", {"q": query}))
        assert "Ward 8" in text
        assert "Riverside" not in text


class TestOrganizations:
    def test_by_sector_and_which_are_missing(self, member):
        make_organization(name="EMS North", sector="ems")
        text = text_of(member.get("/organizations/"))
        assert "Emergency medical services" in text.split("Sectors without an organization")[0]
        assert "Faith" in text.split("Sectors without an organization")[1]

    def test_one_shows_its_people_and_seats(self, member):
        organization = make_organization(jurisdiction=make_place(name="Riverside"))
        person = make_person(full_name="Ana Ruiz", organization=organization)
        make_seat(title="EMS desk", organization=organization, holder=person)
        text = text_of(member.get(f"/organizations/{organization.pk}/"))
        assert all(shown in text for shown in ("Ana Ruiz", "EMS desk", "Riverside"))

    def test_added_and_changed(self, manager):
        make_place(code="17031")
        facts = {"name": "EMS North", "sector": "ems", "jurisdiction": "17031"}
        manager.post("/organizations/new/", facts)
        organization = Organization.objects.get()
        assert 'value="17031"' in text_of(manager.get(f"/organizations/{organization.pk}/edit/"))
        manager.post(f"/organizations/{organization.pk}/edit/", facts | {"name": "EMS"})
        assert Organization.objects.get().name == "EMS"

    def test_a_refusal_stands_on_the_form(self, manager):
        make_organization(name="EMS North")
        text = text_of(manager.post("/organizations/new/", {"name": "EMS North", "sector": "ems"}))
        assert "already exists" in text
        text = text_of(
            manager.post("/organizations/new/", {"name": "X", "sector": "ems", "jurisdiction": "99"})
        )
        assert "No place has the code" in text


class TestPeople:
    def test_the_search_box(self, member):
        make_person(full_name="Ana Ruiz")
        make_person(full_name="Bo Lind")
        text = text_of(member.get("/people/", {"q": "ruiz"}))
        assert "Ana Ruiz" in text
        assert "Bo Lind" not in text
        assert "Nobody fits" in text_of(member.get("/people/", {"q": "zzz"}))

    def test_fifty_on_a_page(self, member):
        for n in range(60):
            make_person(full_name=f"Someone {n:02}")
        assert text_of(member.get("/people/")).count("Someone") == 49  # and the member
        assert "Someone 59" in text_of(member.get("/people/", {"page": 2}))

    def test_one_shows_seats_held_and_deputised(self, member):
        person = make_person(organization=make_organization(name="EMS North"))
        make_seat(title="Chair", holder=person)
        make_seat(title="Treasurer", deputy=person)
        make_seat(title="Herald", holder=person, role="herald")
        text = text_of(member.get(f"/people/{person.pk}/"))
        assert all(shown in text for shown in ("EMS North", "Chair", "Deputy: Treasurer", "herald"))

    def test_added_and_changed(self, manager):
        manager.post("/people/new/", {"full_name": "Ana Ruiz", "email": "ana@example.org", "language": "es"})
        person = Person.objects.get(email="ana@example.org")
        manager.post(f"/people/{person.pk}/edit/", {"full_name": "Ana Diaz", "email": "", "language": "es"})
        person.refresh_from_db()
        assert (person.full_name, person.email, person.is_active) == ("Ana Diaz", None, False)

    def test_a_taken_address_stands_on_the_form(self, manager):
        make_person(email="ana@example.org")
        facts = {"full_name": "Eve", "email": "Ana@example.org", "language": "en"}
        assert "already exists" in text_of(manager.post("/people/new/", facts))

    def test_who_is_invited_chooses_a_password_and_signs_in(
        self, manager, client, mailoutbox, django_capture_on_commit_callbacks
    ):
        person = person_with(role="member", email="ana@example.org", password="!unusable")
        with django_capture_on_commit_callbacks(execute=True):
            manager.post(f"/people/{person.pk}/invite/")
        link = next(word for word in mailoutbox[0].body.split() if word.startswith("http"))
        form = client.get(link, follow=True)
        chosen = {"password1": "nine lives of a cat", "password2": "nine lives of a cat"}
        client.post(form.redirect_chain[-1][0], chosen)
        client.post("/account/login/", {"login": "ana@example.org", "password": "nine lives of a cat"})
        assert "<h1>" in text_of(client.get("/people/"))

    def test_without_an_address_the_invitation_says_why_not(self, manager):
        person = make_person(email=None)
        text = text_of(manager.post(f"/people/{person.pk}/invite/", follow=True))
        assert "needs an e-mail address" in text
        assert manager.get(f"/people/{person.pk}/invite/").status_code == 405


class TestGroups:
    def test_empty_seats_and_missing_deputies_are_marked(self, member):
        group = make_group(name="Treatment")
        make_seat(group=group, title="Chair")
        make_seat(group=group, title="EMS", holder=make_person())
        make_seat(group=group, title="Jail", holder=make_person(), deputy=make_person())
        text = text_of(member.get("/groups/"))
        assert "1 seat empty" in text
        assert "1 without a deputy" in text
        text = text_of(member.get(f"/groups/{group.pk}/"))
        assert (text.count(">empty<"), text.count(">no deputy<")) == (1, 1)

    def test_seats_that_ended_are_not_shown(self, member):
        group = make_group()
        make_seat(group=group, title="Herald", ends_on=timezone.localdate().replace(year=2020))
        assert "Herald" not in text_of(member.get(f"/groups/{group.pk}/"))

    def test_a_group_gets_its_seats_and_people(self, manager):
        manager.post("/groups/new/", {"name": "Treatment", "kind": "strategy"})
        group = Group.objects.get(name="Treatment")
        manager.post(f"/groups/{group.pk}/seats/new/", {"title": "Chair", "role": "chair"})
        seat = Seat.objects.get(group=group)
        person = make_person()
        manager.post(f"/groups/seats/{seat.pk}/", {"holder": person.pk})
        seat.refresh_from_db()
        assert seat.holder == person

    def test_a_refusal_stands_on_the_form(self, manager):
        seat, person = make_seat(), make_person()
        text = text_of(manager.post(f"/groups/seats/{seat.pk}/", {"holder": person.pk, "deputy": person.pk}))
        assert "someone else" in text


class TestSections:
    @pytest.mark.parametrize(
        ("page", "path"), [("group", "groups"), ("person", "people"), ("organization", "organizations")]
    )
    def test_higher_apps_add_to_these_pages(self, member, monkeypatch, page, path):
        monkeypatch.setattr(sections, "_makers", sections.defaultdict(list))

        @section(page)
        def promises(request, subject, at):
            return Section(f"Promises of {subject}", "groups/today_seats.html", {"empty": 3})

        subject = {"group": make_group, "person": make_person, "organization": make_organization}[page]()
        text = text_of(member.get(f"/{path}/{subject.pk}/"))
        assert f"Promises of {subject}" in text
        assert "3 seats are empty" in text

    def test_places_too_and_a_maker_may_have_nothing_to_say(self, member, monkeypatch):
        monkeypatch.setattr(sections, "_makers", sections.defaultdict(list))
        section("place")(lambda request, subject, at: None)
        section("place")(lambda request, subject, at: Section("Signals", "groups/today_seats.html"))
        assert "Signals</h2>" in text_of(member.get(f"/places/{make_place().code}/"))


class TestToday:
    def test_a_project_manager_sees_the_seats_to_fill(self, rf):
        request = rf.get("/")
        request.user = person_with(role="project_manager")
        make_seat()
        panel = seats_to_fill(request, timezone.now())
        assert panel.context == {"empty": 1, "without_deputy": 1}  # the manager's own seat has no deputy

    def test_it_stands_on_the_page(self, manager):
        text = text_of(manager.get("/"))
        assert "Seats to fill" in text
        assert "1 seat has no deputy" in text

    def test_others_do_not(self, rf):
        request = rf.get("/")
        request.user = person_with(role="member")
        assert seats_to_fill(request, timezone.now()) is None


class TestCost:
    """A hundred rows cost as many queries as one."""

    @pytest.mark.parametrize("path", READ)
    def test_lists(self, manager, path, django_assert_max_num_queries):
        city = make_place()
        for n in range(60):
            place = make_place(parent=city if n % 2 else None)
            person = make_person(organization=make_organization(jurisdiction=place))
            make_seat(holder=person, deputy=make_person(), organization=person.organization)
        with django_assert_max_num_queries(9):
            manager.get(path)

    def test_pages_of_one(self, manager, django_assert_max_num_queries):
        group, person, place = make_group(), make_person(), make_place()
        organization = make_organization()
        for _ in range(60):
            make_place(parent=place)
            make_seat(group=group, holder=person, deputy=make_person(organization=organization))
        for path in (
            f"/groups/{group.pk}/",
            f"/people/{person.pk}/",
            f"/organizations/{organization.pk}/",
            f"/places/{place.code}/",
            f"/groups/{group.pk}/seats/new/",
        ):
            with django_assert_max_num_queries(13):
                manager.get(path)
