"""Publishing in the browser: words, a look at exactly what will be released, the release, the register."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apps.results.situations import Counts
from django.test import Client
from django.urls import reverse

from throughline.policy.sharing import Purpose
from throughline.results.evaluation.models import Effect
from throughline.results.publications.models import Publication

Measure = Callable[..., Effect]
ClientFor = Callable[..., Client]
WORDS = {"title": "Overdoses in Ward 8", "summary": "A unit was posted there."}


@pytest.fixture
def analyst(client_for: ClientFor) -> Client:
    return client_for("analyst")


def test_first_a_look_at_exactly_what_will_be_released(analyst: Client, measured: Measure) -> None:
    page = analyst.post(reverse("publication_new", args=[measured().pk]), WORDS)
    text = page.content.decode()
    assert "This is exactly what everyone will be able to read" in text
    assert text.count('<span class="tl-withheld">withheld</span>') >= 4
    assert not Publication.objects.exists()


def test_then_the_release(
    analyst: Client, measured: Measure, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        page = analyst.post(
            reverse("publication_new", args=[measured().pk]), WORDS | {"publish": "yes"}, follow=True
        )
    publication = Publication.objects.get()
    assert publication.published_by == analyst.person
    assert page.redirect_chain[-1][0] == reverse("publication", args=[publication.pk])
    assert b"Files are as they were frozen" in page.content
    public = analyst.get(reverse("public_page", args=[publication.slug]))
    assert "A unit was posted there." in public.content.decode()


@pytest.mark.parametrize("button", [{}, {"publish": "yes"}])
def test_a_figure_is_refused_at_its_field(analyst: Client, measured: Measure, button: dict[str, str]) -> None:
    page = analyst.post(
        reverse("publication_new", args=[measured().pk]), WORDS | {"summary": "Down to 9."} | button
    )
    assert "“9.” is a figure" in page.content.decode()
    assert not Publication.objects.exists()


def test_a_refusal_is_quoted(analyst: Client, measured: Measure, counts: Counts) -> None:
    effect = measured()
    counts.refused = {Purpose.PUBLICATION}
    page = analyst.post(reverse("publication_new", args=[effect.pk]), WORDS)
    assert "may not read the feed ems for publishing counts" in page.content.decode()


@pytest.mark.parametrize("role", ["member", "responder", "privacy_officer", "administrator"])
def test_only_those_who_publish_may_publish(client_for: ClientFor, measured: Measure, role: str) -> None:
    address = reverse("publication_new", args=[measured().pk])
    client = client_for(role)
    assert client.get(address).status_code == 403
    assert client.post(address, WORDS | {"publish": "yes"}).status_code == 403


def test_the_empty_register_says_what_to_do(client_for: ClientFor) -> None:
    page = client_for("member").get(reverse("publications"))
    assert b"Nothing is published yet" in page.content


def test_the_register_and_its_manifests_ask_few_questions(
    analyst: Client, measured: Measure, django_assert_max_num_queries: Any
) -> None:
    for _version in range(4):
        analyst.post(reverse("publication_new", args=[measured().pk]), WORDS | {"publish": "yes"})
    with django_assert_max_num_queries(12):
        register = analyst.get(reverse("publications"))
    assert register.content.decode().count("Overdoses in Ward 8</a>") == 4
    with django_assert_max_num_queries(12):
        page = analyst.get(reverse("publication", args=[Publication.objects.first().pk]))
    assert b"Smallest count published" in page.content


def test_a_damaged_version_says_so(analyst: Client, measured: Measure, published: Path) -> None:
    analyst.post(reverse("publication_new", args=[measured().pk]), WORDS | {"publish": "yes"})
    publication = Publication.objects.get()
    (published / publication.slug / "1" / "manifest.json").write_text("no longer JSON")
    page = analyst.get(reverse("publication", args=[publication.pk]))
    assert b"Files differ from what was frozen" in page.content
    assert page.status_code == 200
