"""The list of signals and the panels on Today."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from factories import make_person, make_signal

from throughline.signals import kinds
from throughline.signals.actions import close_signal
from throughline.signals.kinds import SignalKind

pytestmark = pytest.mark.django_db
KIND = SignalKind("leak", "Leak", hours_to_answer=4, owner_role="analyst")
NOW = timezone.now()


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of these tests' own, gone after each, since the register is one for the whole program."""
    monkeypatch.setitem(kinds._kinds, KIND.key, KIND)


def titles(response):
    return [signal.title for signal in response.context["page_obj"]]


class TestTheList:
    def test_shows_open_signals_late_ones_first_and_marked(self, client_for):
        make_signal(title="In time", raised_at=NOW)
        make_signal(title="Too late", raised_at=NOW - timedelta(days=1))
        closed = make_signal(title="Closed", raised_at=NOW)
        close_signal(signal=closed, verdict="worked", by=make_person(), at=NOW)
        page = client_for("member").get(reverse("signals"))
        assert titles(page) == ["Too late", "In time"]
        assert "tl-status--bad" in page.content.decode()

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("?show=mine", {"Mine"}),
            ("?show=unowned", {"Nobody's"}),
            ("?show=all", {"Mine", "Nobody's", "Closed"}),
            ("?kind=leak", {"Nobody's"}),
            ("?show=nonsense&kind=nonsense&page=99", {"Mine", "Nobody's"}),
        ],
    )
    def test_filters(self, client_for, query, expected):
        client = client_for("member")
        make_signal(title="Mine", owner=client.person)
        make_signal(title="Nobody's", kind="leak")
        closed = make_signal(title="Closed")
        close_signal(signal=closed, verdict="worked", by=make_person(), at=NOW)
        assert set(titles(client.get(reverse("signals") + query))) == expected

    def test_empty_says_what_to_expect(self, client_for):
        assert "No signal is open" in client_for("member").get(reverse("signals")).content.decode()

    def test_empty_after_narrowing_leads_back(self, client_for):
        page = client_for("member").get(reverse("signals") + "?show=mine")
        assert "Show all open signals" in page.content.decode()

    def test_many_signals_come_in_pages_with_few_queries(self, client_for, django_assert_max_num_queries):
        for _ in range(60):
            make_signal(owner=make_person())
        client = client_for("member")
        with django_assert_max_num_queries(10):
            page = client.get(reverse("signals"))
        assert len(titles(page)) == 50

    def test_is_closed_to_people_without_a_seat(self, client_for):
        assert client_for(make_person()).get(reverse("signals")).status_code == 403


class TestToday:
    def panels(self, client):
        return {str(panel.title): panel for panel in client.get(reverse("today")).context["panels"]}

    def test_shows_what_waits_for_you(self, client_for):
        client = client_for("member")
        make_signal(title="Mine", owner=client.person)
        make_signal(title="Somebody's", owner=make_person())
        shown = self.panels(client)["Signals that wait for you"]
        assert [signal.title for signal in shown.context["signals"]] == ["Mine"]

    def test_shows_a_signal_that_nobody_owns_to_the_project_manager(self, client_for):
        make_signal(title="Nobody's")
        shown = self.panels(client_for("project_manager"))["Signals nobody owns"]
        assert [signal.title for signal in shown.context["signals"]] == ["Nobody's"]

    def test_but_not_to_those_who_could_not_take_it(self, client_for):
        make_signal(title="Nobody's")
        assert "Signals nobody owns" not in self.panels(client_for("member"))

    def test_shows_no_empty_panel(self, client_for):
        assert not {"Signals that wait for you", "Signals nobody owns"} & set(
            self.panels(client_for("project_manager"))
        )
