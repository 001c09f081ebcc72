"""The pages of an effect: who may see, measure, publish, and how bad input is answered."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from apps.results.situations import AT, Counts, answer
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from factories import make_organization, person_with

from throughline.action.response.models import Response
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Purpose
from throughline.results.evaluation import sections
from throughline.results.evaluation.models import Effect
from throughline.ui.sections import Section

Measure = Callable[..., Effect]
ClientFor = Callable[..., Client]


def test_an_effect_is_told_in_a_sentence_a_chart_a_table_and_its_limits(
    client_for: ClientFor, measured: Measure, backbone: Organization
) -> None:
    page = client_for(person_with(role="analyst", organization=backbone)).get(
        reverse("effect", args=[measured().pk])
    )
    text = page.content.decode()
    for words in (
        "we counted 9 where 16 would have been expected",
        "<svg",
        "Elsewhere: comparison places",
        "What this can't show",
        "Publish this",
        "Measure again",
    ):
        assert words in text


def test_members_read_it_without_the_buttons(
    client_for: ClientFor, measured: Measure, backbone: Organization
) -> None:
    member = person_with(role="member", organization=backbone)
    page = client_for(member).get(reverse("effect", args=[measured().pk]))
    assert b"we counted 9" in page.content
    assert b"Publish this" not in page.content
    assert b"Measure again<" not in page.content


def test_another_organization_sees_no_figure_on_either_page(client_for: ClientFor, measured: Measure) -> None:
    effect, _other = measured(here=(3042, 9009), elsewhere=(8084, 7031)), measured()
    client = client_for(person_with(role="responder", organization=make_organization()))
    for address in (
        reverse("effect", args=[effect.pk]),
        reverse("signal", args=[effect.response.signal_id]),
    ):
        text = client.get(address).content.decode()
        assert "Counts are shown to the organizations that the agreements name." in text
        assert "Ward 8" in text
        found = re.findall(r"3,?042|9,?009|8,?084|7,?031|we counted|than expected|tl-chart__drawing", text)
        assert found == []
        assert str(effect.get_finding_display()) not in text


def test_the_page_asks_few_questions(
    client_for: ClientFor, measured: Measure, django_assert_max_num_queries: Any
) -> None:
    effect = measured()
    for _again in range(5):
        measured()
    client = client_for("analyst")
    with django_assert_max_num_queries(15):
        client.get(reverse("effect", args=[effect.pk]))


def test_measuring_leads_to_the_effect(client_for: ClientFor, response: Response) -> None:
    page = client_for("analyst").post(
        reverse("effect_new", args=[response.pk]), {"after_days": 28, "baseline_days": 84}
    )
    effect = Effect.objects.get()
    assert page.url == reverse("effect", args=[effect.pk])
    assert timezone.now() - effect.as_of < timedelta(minutes=1)


@pytest.mark.parametrize(
    "sent, message",
    [
        ({"after_days": "0", "baseline_days": "84"}, "greater than or equal to 7"),
        ({"after_days": "many", "baseline_days": "84"}, "Enter a whole number"),
    ],
)
def test_bad_days_are_explained(
    client_for: ClientFor, response: Response, sent: dict[str, str], message: str
) -> None:
    page = client_for("analyst").post(reverse("effect_new", args=[response.pk]), sent)
    assert message in page.content.decode()
    assert not Effect.objects.exists()


def test_a_refusal_is_quoted_on_the_form(client_for: ClientFor, response: Response, counts: Counts) -> None:
    counts.refused = {Purpose.EVALUATION}
    page = client_for("analyst").post(
        reverse("effect_new", args=[response.pk]), {"after_days": 28, "baseline_days": 84}
    )
    assert "may not read the feed ems" in page.content.decode()


@pytest.mark.parametrize("role", ["member", "responder", "privacy_officer"])
def test_only_those_who_measure_may_measure(client_for: ClientFor, response: Response, role: str) -> None:
    assert client_for(role).get(reverse("effect_new", args=[response.pk])).status_code == 403


def test_unknown_effects_are_not_found(client_for: ClientFor) -> None:
    client = client_for("analyst")
    assert client.get(reverse("effect", args=[404])).status_code == 404
    assert client.get(reverse("effect_new", args=[404])).status_code == 404


class TestOnTheSignalsPage:
    def section(self, rf: Any, client_for: ClientFor, response: Response, role: str) -> Section | None:
        request = rf.get("/")
        request.user = client_for(role).person
        return sections.effects(request, response.signal, AT)

    def test_each_measurement_is_a_sentence(
        self, rf: Any, client_for: ClientFor, measured: Measure, response: Response
    ) -> None:
        effect = measured()
        [(shown, _facts, sentence)] = self.section(rf, client_for, response, "member").context["measured"]
        assert shown == effect
        assert sentence.startswith("In the 28 days after help moved")

    def test_nothing_is_said_before_there_is_a_plan(
        self, rf: Any, client_for: ClientFor, places: None
    ) -> None:
        waiting = answer(plan="", planned_at=None, planned_by=None, moved_at=None, moved_by=None, movement="")
        assert self.section(rf, client_for, waiting, "analyst") is None

    def test_after_it_those_who_may_are_asked_to_measure(
        self, rf: Any, client_for: ClientFor, response: Response
    ) -> None:
        assert self.section(rf, client_for, response, "analyst").context["may_measure"]
        assert not self.section(rf, client_for, response, "member").context["may_measure"]
