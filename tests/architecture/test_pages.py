"""Every address states who may open it, and keeps to that."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

import pytest
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from factories import make_person

from throughline.members.access import PROGRAMS
from throughline.members.accounts.models import Person

# Packages of others, which ask for a sign-in where one is needed.
OF_OTHERS = {"account/": "allauth.", "language/": "django.views.i18n"}
OPEN_TO_ALL = {
    "gallery",
    "no_email_page",
    "public_home",
    "public_page",
    "public_version",
    "public_file",
    "public_missing",
    "public_uses",
    "public_uses_table",
    "public_roots",
}
SAMPLES = {"int": 1, "uuid": UUID(int=1), "slug": "sample", "str": "sample", "path": "sample"}


class Page(NamedTuple):
    route: str
    name: str
    view: object
    converters: dict

    @property
    def address(self) -> str:
        arguments = {name: SAMPLES[_kind(converter)] for name, converter in self.converters.items()}
        return reverse(self.name, kwargs=arguments)


def _kind(converter) -> str:
    return type(converter).__name__.removesuffix("Converter").replace("String", "str").lower()


def _walk(resolver: URLResolver, before: str = "", outer: dict | None = None) -> Iterator[Page]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        converters = (outer or {}) | pattern.pattern.converters
        if isinstance(pattern, URLPattern):
            yield Page(route, pattern.name, pattern.callback, converters)
        else:
            yield from _walk(pattern, route, converters)


PAGES = list(_walk(get_resolver()))
OURS = [page for page in PAGES if page.view.__module__.startswith("throughline.")]
FOR_PROGRAMS = [page for page in OURS if getattr(page.view, "permission", None) == PROGRAMS]
GUARDED = [page for page in OURS if getattr(page.view, "permission", None) not in (None, PROGRAMS)]


def test_only_named_packages_bring_addresses_of_their_own():
    for page in PAGES:
        theirs = [of for prefix, of in OF_OTHERS.items() if page.route.startswith(prefix)]
        assert page.view.__module__.startswith(("throughline.", *theirs)), page.route


def test_every_address_states_its_permission():
    assert [page.route for page in OURS if not hasattr(page.view, "permission")] == []


def test_the_addresses_that_anyone_may_open_are_these():
    assert {page.name for page in OURS if page.view.permission is None} == OPEN_TO_ALL


@pytest.mark.django_db
@pytest.mark.parametrize("page", GUARDED, ids=lambda page: page.name)
def test_a_stranger_is_asked_to_sign_in(page):
    answer = _open(Client(), page)
    assert answer.status_code == 302
    assert answer.url.startswith(resolve_url("account_login"))


@pytest.mark.django_db
@pytest.mark.parametrize("page", GUARDED, ids=lambda page: page.name)
def test_a_person_without_a_seat_may_open_nothing(page):
    client = Client()
    client.force_login(make_person(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert _open(client, page).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("page", FOR_PROGRAMS, ids=lambda page: page.name)
def test_a_program_without_a_token_is_turned_away_however_it_asks(page):
    assert page.route.startswith("api/")
    for ask in (Client().get, Client().post):
        answer = ask(page.address, headers={"authorization": "Bearer guessed"})
        assert answer.status_code == 401
        assert answer.json()["error"].startswith("Send a working token")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["public_home", "account_login", "gallery"])
def test_pages_run_no_foreign_or_inline_scripts(name):
    policy = Client().get(reverse(name)).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy


@pytest.mark.django_db
def test_nobody_signs_up():
    """People come from the roster, and choose a password under a link that was sent to them."""
    details = {
        "email": "stranger@example.org",
        "password1": "a long password",
        "password2": "a long password",
    }
    Client().post(reverse("account_signup"), details)
    assert not Person.objects.filter(email="stranger@example.org").exists()


def _open(client: Client, page: Page):
    """By POST where a page only takes that."""
    answer = client.get(page.address)
    return client.post(page.address) if answer.status_code == 405 else answer
