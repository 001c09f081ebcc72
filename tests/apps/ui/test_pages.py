"""The pages that frame all others: base, rail, errors, sign-in."""

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from factories import person_with

from throughline.ui.rail import entries_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client):
    client.force_login(
        person_with(role="member", full_name="Ana Ruiz"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return client


def current(address):
    return {
        str(entry.label): entry.current
        for entry in entries_for(RequestFactory().get(address))
        if entry.current
    }


def test_the_rail_marks_the_page_or_the_section_it_is_in():
    assert current("/") == {"Today": "page"}
    assert current("/signals/") == {"Signals": "page"}
    assert current("/responses/signals/7/") == {"Signals": "true"}
    assert current("/people/3/") == {"People": "true"}


def test_the_rail_leaves_out_sections_that_would_refuse_the_person():
    request = RequestFactory().get("/")
    request.permissions = frozenset({"view_coalition"})
    assert "Feeds" not in [str(entry.label) for entry in entries_for(request)]
    request.permissions |= {"view_feeds"}
    assert "Feeds" in [str(entry.label) for entry in entries_for(request)]


def test_a_signed_in_page_names_the_person_and_lets_them_leave(signed_in):
    page = signed_in.get("/").text
    assert "Ana Ruiz" in page and "Sign out" in page
    assert page.count("<h1>") == 1
    assert '<nav id="rail"' in page and 'popovertarget="rail"' in page
    assert '<a class="usa-skipnav" href="#main">' in page


def test_an_anonymous_page_has_no_rail_and_offers_sign_in(client):
    page = client.get("/gallery/").text
    assert 'id="rail"' not in page
    assert "Sign in" in page


def test_simulated_data_is_marked_on_every_page(client, settings):
    assert "Simulated data" not in client.get("/gallery/").text
    settings.SIMULATED = True
    assert "Simulated data" in client.get("/gallery/").text
    assert "Simulated data" in client.get("/account/login/").text


def test_the_language_can_be_changed_and_is_kept(client):
    client.post("/language/setlang/", {"language": "es", "next": "/"})
    assert '<html lang="es">' in client.get("/gallery/").text


def test_the_gallery_opens_for_everyone_and_shows_every_component(client):
    answer = client.get("/gallery/")
    assert answer.status_code == 200
    for part in ["tl-status--bad", "usa-table", "tl-empty", "tl-errors", "tl-chart", "tl-map", "tl-progress"]:
        assert part in answer.text


def test_an_unknown_address_says_so_in_the_frame(client):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_the_page_for_failures_needs_nothing_that_may_have_failed(django_assert_num_queries):
    with django_assert_num_queries(0):
        page = render_to_string("ui/500.html")
    assert "Something failed here" in page


def test_a_form_that_was_open_too_long_is_explained():
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "a@example.org"})
    assert answer.status_code == 403
    assert "The form was open too long" in answer.text


def test_sign_in_offers_no_account_to_make_and_labels_its_fields(client):
    page = client.get("/account/login/").text
    assert '<label class="usa-label" for="id_login">' in page
    assert "sign up" not in page.lower()


def test_a_failed_sign_in_says_so_at_the_top(client):
    page = client.post("/account/login/", {"login": "a@example.org", "password": "wrong"}).text
    assert "Please check what you entered" in page


@pytest.mark.parametrize(
    "address",
    ["/account/logout/", "/account/password/change/", "/account/2fa/", "/account/2fa/webauthn/"],
)
def test_account_pages_stand_in_our_frame(signed_in, address):
    answer = signed_in.get(address)
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert 'id="rail"' in answer.text


def test_no_page_asks_for_what_the_content_policy_refuses(signed_in):
    page = signed_in.get("/gallery/").text
    assert " style=" not in page
    assert all("src=" in tag.split(">")[0] for tag in page.split("<script")[1:])
    assert "default-src 'self'" in signed_in.get("/gallery/").headers["Content-Security-Policy"]
