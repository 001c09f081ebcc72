"""Who may do what: rights come from seats, never from persons."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from factories import make_person, make_seat, person_with

from throughline.members.access import ROLES, Permission, allows, anonymous, permissions_of, requires

TODAY = date(2026, 3, 7)


@requires(Permission.PUBLISH)
def publishing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("published")


def ask(person: object) -> HttpRequest:
    request = RequestFactory().get("/publish/")
    request.user = person
    return request


@pytest.mark.django_db
class TestPermissionsOf:
    def test_a_person_without_a_seat_may_do_nothing(self):
        assert permissions_of(make_person(), on=TODAY) == frozenset()

    @pytest.mark.parametrize("role", ROLES)
    def test_the_holder_of_a_seat_has_its_role(self, role):
        assert permissions_of(person_with(role=role), on=TODAY) == ROLES[role].permissions

    def test_a_deputy_may_do_what_the_holder_may(self):
        deputy = make_person()
        make_seat(role="analyst", holder=make_person(), deputy=deputy)
        assert permissions_of(deputy, on=TODAY) == ROLES["analyst"].permissions

    def test_several_seats_add_up(self):
        person = person_with(role="data_steward")
        make_seat(role="chair", deputy=person)
        expected = ROLES["data_steward"].permissions | ROLES["chair"].permissions
        assert permissions_of(person, on=TODAY) == expected

    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "gives"),
        [
            (None, None, True),
            (TODAY, TODAY, True),  # first and last day count
            (date(2026, 3, 8), None, False),
            (None, date(2026, 3, 6), False),
        ],
    )
    def test_a_seat_gives_rights_only_in_its_time(self, starts_on, ends_on, gives):
        person = make_person()
        make_seat(role="analyst", holder=person, starts_on=starts_on, ends_on=ends_on)
        assert bool(permissions_of(person, on=TODAY)) is gives

    def test_a_role_that_is_no_longer_known_gives_nothing(self):
        person = person_with(role="member")
        make_seat(role="grand_vizier", holder=person)
        assert permissions_of(person, on=TODAY) == ROLES["member"].permissions

    def test_it_costs_one_query(self, django_assert_num_queries):
        person = person_with(role="member")
        with django_assert_num_queries(1):
            permissions_of(person, on=TODAY)


@pytest.mark.django_db
class TestRequires:
    def test_somebody_who_may_sees_the_page(self):
        assert publishing(ask(person_with(role="analyst"))).content == b"published"

    def test_somebody_who_may_not_is_refused(self):
        with pytest.raises(PermissionDenied):
            publishing(ask(person_with(role="member")))

    def test_a_stranger_is_sent_to_sign_in_and_back(self):
        response = publishing(ask(AnonymousUser()))
        assert (response.status_code, response.url) == (302, "/account/login/?next=/publish/")

    def test_the_view_says_what_it_requires(self):
        assert publishing.permission is Permission.PUBLISH

    def test_a_page_for_everyone_says_so(self):
        assert anonymous(lambda request: HttpResponse()).permission is None

    def test_the_database_is_asked_once_per_request(self, django_assert_num_queries):
        request = ask(person_with(role="analyst"))
        with django_assert_num_queries(1):
            assert allows(request, Permission.PUBLISH)
            assert not allows(request, Permission.VIEW_LEDGER)
