"""The page of a signal: what it shows, who may act on it, and the answer clicked through."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from factories import (
    NOON,
    make_organization,
    make_person,
    make_place,
    make_signal,
    person_with,
    signed_agreement,
)

from throughline.action.response.actions import open_response
from throughline.decisions.commitments.actions import make_commitment, move_due_date
from throughline.evidence.feeds.models import Feed
from throughline.signals.actions import acknowledge_signal, close_signal
from throughline.signals.models import Signal

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def spike(**facts):
    ward = make_place(code="W8", name="Ward 8", latitude=41.88, longitude=-87.63)
    days = [date(2026, 3, 1) + timedelta(days=day) for day in range(7)]
    evidence = {
        "indicator": "overdoses",
        "method": "daily_spikes",
        "observed": 6,
        "expected": 2.13,
        "p_value": 0.01234,
        "as_of": "2026-03-08T06:00:00+00:00",
        "series": {
            "labels": [day.isoformat() for day in days],
            "observed": [2, 1, 0, 3, 2, 2, 6],
            "expected": [None, None, 2.0, 2.0, 2.1, 2.1, 2.1],
            "threshold": [None, None, 5.0, 5.0, 5.2, 5.2, 5.2],
        },
        "places": [{"code": "W8", "name": "Ward 8", "observed": 6, "expected": 2.13}],
        "minimum_cell": 10,
    }
    defaults = {"title": "Ward 8: 6 in one day", "sentence": "Six overdoses where two were expected."}
    return make_signal(
        places=[ward], evidence=evidence, begins_on=days[-1], ends_on=days[-1], **defaults | facts
    )


def backbone_member():
    """Sees counts: the feeds are watched in the backbone's name."""
    return person_with(role="member", organization=make_organization(is_backbone=True))


def address(signal, name="signal"):
    return reverse(name, args=[signal.pk])


def text(response):
    return response.content.decode()


class TestWhatItShows:
    def test_title_sentence_clock_and_owner(self, client_for):
        late = spike(raised_at=NOW - timedelta(hours=5), owner=make_person(full_name="Ana Lopez"))
        page = text(client_for(backbone_member()).get(address(late)))
        for part in ("Ward 8: 6 in one day", "Six overdoses", "Ana Lopez", "1 h 0 min late"):
            assert part in page

    def test_chart_map_table_and_the_cell_that_may_not_be_published(self, client_for):
        page = text(client_for(backbone_member()).get(address(spike())))
        for part in ("tl-chart__drawing", "tl-map__drawing", "Observed and expected by place", "below 10"):
            assert part in page

    def test_days_without_a_threshold_are_not_said_to_be_withheld(self, client_for):
        chart = client_for(backbone_member()).get(address(spike())).context["evidence"].chart
        assert not chart.has_withheld

    def test_places_around_it_are_on_the_map_and_far_ones_are_not(self, client_for):
        signal = spike()
        make_place(name="Next door", latitude=41.89, longitude=-87.62)
        make_place(name="Elsewhere", latitude=44.0, longitude=-90.0)
        drawn = client_for("member").get(address(signal)).context["evidence"].map
        assert {(shape.name, shape.highlighted) for shape in drawn.shapes} == {
            ("Ward 8", True),
            ("Next door", False),
        }

    def test_a_signal_without_figures_or_places_still_has_its_page(self, client_for):
        page = client_for("member").get(address(make_signal(kind="retired_kind")))
        assert "No figures came with this signal" in text(page)

    def test_a_place_without_coordinates_is_said_not_to_be_drawn(self, client_for):
        page = client_for("member").get(address(make_signal(places=[make_place()])))
        assert "could be drawn" in text(page)

    def test_who_does_what_by_when(self, client_for):
        signal, owner = spike(), make_person()
        make_commitment(
            what="Post a unit",
            owner=owner,
            deputy=make_person(),
            due_on=TODAY,
            signal=signal,
            by=owner,
            at=NOW,
        )
        page = text(client_for("member").get(address(signal)))
        assert "Post a unit" in page
        assert f"{reverse('commitment_new')}?signal={signal.pk}" in page

    def test_its_history_in_plain_words(self, client_for):
        signal, ana = spike(), make_person(full_name="Ana Lopez")
        open_response(signal=signal, by=ana, at=NOW)
        close_signal(signal=signal, verdict="false_alarm", note="A drill", by=ana, at=NOW)
        history = client_for("member").get(address(signal)).context["history"]
        assert [(event.who, event.did) for event in history] == [
            (ana, "acknowledged it"),
            (ana, "opened a response"),
            (ana, "closed it: False alarm"),
        ]

    def test_a_moved_promise_is_told_with_its_days(self, client_for):
        signal, owner = spike(), make_person()
        made = make_commitment(
            what="Restock", owner=owner, deputy=make_person(), due_on=date(2026, 3, 9), signal=signal,
            by=owner, at=NOON,
        )  # fmt: skip
        move_due_date(commitment=made, to_on=date(2026, 3, 14), reason="Repair", by=owner, at=NOON)
        history = client_for("member").get(address(signal)).context["history"]
        assert history[-1].did == "moved “Restock” from March 9, 2026 to March 14, 2026"

    def test_few_queries_with_many_promises_and_places(self, client_for, django_assert_max_num_queries):
        signal, owner = spike(), make_person()
        signal.places.add(*(make_place(latitude=41.8, longitude=-87.6) for _ in range(30)))
        for number in range(20):
            make_commitment(
                what=f"Promise {number}", owner=owner, deputy=make_person(), due_on=TODAY, signal=signal,
                by=owner, at=NOW,
            )  # fmt: skip
        open_response(signal=signal, by=owner, at=NOW)
        client = client_for("analyst")
        with django_assert_max_num_queries(20):
            client.get(address(signal))


class TestWhoSeesFigures:
    """A finding of six overdoses, shown to people of organizations that agreements name or don't."""

    FIGURES = [
        "Six overdoses",
        "2.13",
        "2.1<",
        "0.0123",
        "Observed",
        "Expected",
        "tl-chart__drawing",
        "below 10",
    ]

    @pytest.fixture
    def ems(self):
        return make_organization(name="County EMS")

    @pytest.fixture
    def feed(self, ems):
        return Feed.objects.create(key="ems", name="EMS records", provider=ems)

    @pytest.fixture
    def page_for(self, client_for, feed):
        signal = spike(title="Ward 8: unusually many overdoses")
        signal.evidence["feeds"] = ["ems"]
        signal.save()
        return lambda organization: text(
            client_for(person_with(role="responder", organization=organization)).get(address(signal))
        )

    def test_another_organization_sees_where_and_when_but_no_figure(self, page_for):
        page = page_for(make_organization())
        assert [figure for figure in self.FIGURES if figure in page] == []
        assert not re.search(r">\s*6\s*<", page)
        for part in ("Ward 8", "March 7, 2026", "Counts are shown to the organizations", "Acknowledge"):
            assert part in page

    def test_neither_does_a_person_without_an_organization(self, page_for):
        assert "Six overdoses" not in page_for(None)

    def test_who_sends_the_feed_sees_them(self, page_for, ems):
        page = page_for(ems)
        assert "Six overdoses" in page
        assert "tl-chart__drawing" in page

    def test_who_an_agreement_in_force_names_for_response_sees_them(self, page_for, feed):
        fire = make_organization()
        signed_agreement(feed, recipients=[fire], purposes=["response"], ends_on=None)
        assert "Six overdoses" in page_for(fire)

    def test_lists_show_the_title_only(self, client_for, feed):
        signal = spike(title="Ward 8: unusually many overdoses")
        client = client_for("responder")
        for page in (text(client.get(reverse("signals"))), text(client.get("/"))):
            assert signal.sentence not in page

    def test_what_is_not_counted_is_for_everyone(self, client_for):
        silent = make_signal(kind="silent_feed", sentence="No file for 3 days.", evidence={"feed": "ems"})
        assert "No file for 3 days." in text(client_for("member").get(address(silent)))


class TestWhoMayAct:
    STEPS = ["signal_assign", "response_open", "response_plan", "response_move", "response_close"]

    @pytest.mark.parametrize("name", STEPS)
    def test_a_member_may_look_but_not_act(self, client_for, name):
        signal = spike()
        client = client_for("member")
        assert "<textarea" not in text(client.get(address(signal)))
        assert client.post(address(signal, name), {}).status_code == 403

    def test_the_owner_may_act_from_any_seat(self, client_for):
        owner = person_with(role="member")
        signal = spike(owner=owner)
        assert client_for(owner).post(address(signal, "response_open")).status_code == 302
        assert Signal.objects.get().acknowledged_by == owner

    @pytest.mark.parametrize("name", ["signal", *STEPS])
    def test_nobody_without_a_seat(self, client_for, name):
        client = client_for(make_person())
        assert client.post(address(spike(), name)).status_code == 403

    def test_an_unknown_signal_is_not_found(self, client_for):
        assert client_for("analyst").get(reverse("signal", args=[999])).status_code == 404

    @pytest.mark.parametrize("name", STEPS)
    def test_following_a_link_changes_nothing(self, client_for, name):
        assert client_for("analyst").get(address(spike(), name)).status_code == 405


class TestTheAnswerClickedThrough:
    def test_from_acknowledging_to_the_verdict(self, client_for):
        client, signal = client_for("responder"), spike()
        for name, sent in [
            ("response_open", {}),
            ("response_plan", {"plan": "Post a unit at Ferry Street"}),
            ("response_move", {"movement": "One unit, 40 kits"}),
            ("response_close", {"verdict": "worked", "note": "The unit was on its way already"}),
        ]:
            assert client.post(address(signal, name), sent).url == address(signal)
        page = client.get(address(signal))
        assert [step.state for step in page.context["steps"]] == ["done"] * 4
        assert "<textarea" not in text(page)

    def test_it_can_be_handed_to_somebody(self, client_for):
        signal, heir = spike(), make_person()
        client_for("analyst").post(address(signal, "signal_assign"), {"owner": heir.pk})
        assert Signal.objects.get().owner == heir

    def test_two_clicks_open_one_response(self, client_for):
        client, signal = client_for("responder"), spike()
        for _ in range(2):
            assert client.post(address(signal, "response_open")).status_code == 302
        assert len(client.get(address(signal)).context["history"]) == 2

    def test_a_signal_acknowledged_elsewhere_can_still_get_a_response(self, client_for):
        signal = spike()
        acknowledge_signal(signal=signal, by=make_person(), at=NOW)
        assert "Open a response" in text(client_for("responder").get(address(signal)))

    @pytest.mark.parametrize(
        ("name", "sent", "sentence"),
        [
            ("response_plan", {"plan": "  "}, "This field is required"),
            ("response_move", {"movement": "One unit"}, "plan first"),
            ("response_close", {}, "This field is required"),
            ("response_close", {"verdict": "worked"}, "No commitment of this signal is done"),
            ("response_close", {"verdict": "false_alarm"}, "why it is a false alarm"),
            ("signal_assign", {"owner": "nobody"}, "Select a valid choice"),
        ],
    )
    def test_bad_input_comes_back_with_its_reason(self, client_for, name, sent, sentence):
        signal = spike()
        open_response(signal=signal, by=make_person(), at=NOW)
        answer = client_for("responder").post(address(signal, name), sent)
        assert answer.status_code == 400
        assert sentence in text(answer)

    def test_a_plan_for_a_signal_without_a_response_is_not_found(self, client_for):
        assert (
            client_for("responder").post(address(spike(), "response_plan"), {"plan": "x"}).status_code == 404
        )

    def test_a_second_click_on_a_closed_one_says_so(self, client_for):
        client, signal = client_for("responder"), spike()
        sent = {"verdict": "false_alarm", "note": "A drill"}
        client.post(address(signal, "response_close"), sent)
        again = client.post(address(signal, "response_close"), sent)
        assert again.status_code == 400
        assert "closed already" in text(again)


def test_a_slipping_promise_shows_its_promise(client_for):
    owner = make_person()
    made = make_commitment(what="Restock", owner=owner, deputy=make_person(), due_on=TODAY, by=owner, at=NOW)
    facts = {"commitment": made.pk, "what": "Restock", "due_on": "2026-04-01"}
    signal = make_signal(kind="slipping_promise", evidence=facts)
    assert reverse("commitment", args=[made.pk]) in text(client_for("member").get(address(signal)))
