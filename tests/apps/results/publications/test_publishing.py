"""From a measurement to frozen files: what is in them, what is never in them, and what survives a crash."""

import fcntl
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apps.results.situations import AT, Counts, answer
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from factories import make_organization, make_person, make_place

from throughline.action.response.models import Response
from throughline.decisions.commitments.models import Commitment
from throughline.evidence.agreements.models import Agreement
from throughline.ledger.models import Entry
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.policy.sharing import Purpose
from throughline.results.evaluation.actions import measure_effect
from throughline.results.evaluation.models import Effect
from throughline.results.evaluation.wording import sentence
from throughline.results.publications import actions, folder
from throughline.results.publications.actions import publish_effect, rebuild_index
from throughline.results.publications.models import Publication
from throughline.results.publications.pages import Page, Unreadable
from throughline.results.publications.queries import agreements_for_publishing, verify_publications
from throughline.science.change import Window

Measure = Callable[..., Effect]
FILES = {"page.json", "table.csv", "data-dictionary.csv", "manifest.json"}


def publish(effect: Effect, **words: Any) -> Publication:
    fields = {"title": "Overdoses in Ward 8", "summary": "A unit was posted.", "by": make_person(), "at": AT}
    return publish_effect(effect=effect, **fields | words)


def page_of(publication: Publication) -> Page:
    return folder.read_page(
        publication.slug, publication.version, manifest_sha256=publication.manifest_sha256
    )


def promise(effect: Effect, **fields: Any) -> Commitment:
    agency = make_organization(name=fields.pop("organization", "Station 5 EMS"))
    owner = make_person(full_name="Nora Quill", phone="555 0147", organization=agency)
    defaults = {
        "what": "Post a unit because of 6 overdoses",
        "owner": owner,
        "deputy": make_person(),
        "due_on": date(2026, 3, 12),
        "first_due_on": date(2026, 3, 10),
        "signal": effect.response.signal,
        "made_at": AT,
        "made_by": owner,
    }
    return Commitment.objects.create(**defaults | fields)


@pytest.fixture
def large(measured: Measure) -> Effect:
    """Nothing in it has to be withheld."""
    return measured(here=(120, 10), elsewhere=(120, 40))


@pytest.fixture
def small(measured: Measure) -> Effect:
    return measured(here=(42, 9), elsewhere=(84, 31))


class TestWhatIsPublished:
    def test_counts_that_may_be_released_come_with_their_finding(self, large: Effect) -> None:
        page = page_of(publish(large))
        assert page.table == [[120, 10, 130], [120, 40, 160], [240, 50, 290]]
        assert page.conclusion == "fewer"
        assert (page.ratio, page.low, page.high) == (large.ratio, large.low, large.high)

    def test_the_table_is_a_file_of_its_own(self, large: Effect, published: Path) -> None:
        publish(large)
        lines = (published / "overdoses-in-ward-8/1/table.csv").read_text().splitlines()
        assert lines[0] == "indicator,places,window,from,to,count,as_of"
        assert lines[2] == "Overdoses,here,after,2026-03-09,2026-04-05,10,2026-06-01T15:00:00+00:00"
        assert len(lines) == 1 + 9

    def test_a_miss_is_published_as_plainly_as_a_success(self, measured: Measure) -> None:
        assert page_of(publish(measured(here=(60, 60), elsewhere=(120, 40)))).conclusion == "more"

    def test_promises_name_organizations_and_whether_they_were_kept(self, large: Effect) -> None:
        closed = {"closed_by": make_person(), "outcome": "done"}
        dropped = {"outcome": "dropped", "closing_note": "No unit was free."}
        promise(large, organization="A", closed_at=datetime(2026, 3, 9, tzinfo=UTC), **closed)
        promise(large, organization="B", closed_at=datetime(2026, 3, 20, tzinfo=UTC), **closed)
        promise(large, organization="C", closed_at=AT, **closed | dropped)
        promise(large, organization="D")
        promise(large, organization="E", due_on=date(2026, 7, 1))
        page = page_of(publish(large))
        assert {p.organization: p.state for p in page.promises} == {
            "A": "kept",
            "B": "kept_late",
            "C": "dropped",
            "D": "overdue",
            "E": "open",
        }
        assert page.kept == 2

    def test_no_person_and_no_word_of_a_promise_leaves(self, large: Effect, published: Path) -> None:
        promise(large)
        publish(large)
        for file in published.rglob("*.*"):
            text = file.read_text()
            assert not [word for word in ("Nora", "Quill", "555 0147", "@", "because of") if word in text], (
                file
            )

    def test_the_signals_own_sentence_and_title_stay_inside(self, large: Effect, published: Path) -> None:
        """They hold the count that raised it."""
        publish(large)
        assert "12 overdoses" not in "".join(file.read_text() for file in published.rglob("*.*"))

    def test_the_manifest_says_how_it_was_made(
        self, large: Effect, published: Path, backbone: Organization
    ) -> None:
        Agreement.objects.create(
            title="EMS agreement",
            feed="ems",
            provider=backbone,
            purposes=["publication"],
            fields=[],
            starts_on=date(2026, 1, 1),
            drafted_at=AT,
            signed_at=AT,
        )
        publication = publish(large)
        path = published / publication.slug / "1" / "manifest.json"
        manifest = json.loads(path.read_bytes())
        assert hashlib.sha256(path.read_bytes()).hexdigest() == publication.manifest_sha256
        assert manifest["agreements"] == ["EMS agreement"]
        assert manifest["feeds"] == ["ems"]
        assert manifest["suppression"]["minimum_cell"] == 10
        assert manifest["suppression"]["withheld"] == 0
        assert manifest["previous"] is None
        for name, digest in manifest["files"].items():
            assert hashlib.sha256((path.parent / name).read_bytes()).hexdigest() == digest
        assert {*manifest["files"], "manifest.json"} == FILES

    def test_agreements_that_others_signed_over_a_feed_are_not_named(self, large: Effect) -> None:
        Agreement.objects.create(
            title="Not theirs to share",
            feed="ems",
            provider=make_organization(),
            purposes=["publication"],
            fields=[],
            starts_on=date(2026, 1, 1),
            drafted_at=AT,
            signed_at=AT,
        )
        assert agreements_for_publishing(["ems"], on=AT.date()) == []

    def test_publishing_is_in_the_ledger(self, large: Effect) -> None:
        publication = publish(large)
        entry = Entry.objects.last()
        assert (entry.verb, entry.subject) == ("publish_effect", f"publication:{publication.pk}")
        assert entry.detail["manifest"] == publication.manifest_sha256


class TestWhatIsWithheld:
    def test_with_a_count_its_ratio_interval_and_finding_are_withheld(self, small: Effect) -> None:
        page = page_of(publish(small))
        assert page.table[0][1] is None
        assert page.conclusion == "withheld"
        assert (page.ratio, page.low, page.high) == (None, None, None)

    def test_withheld_counts_leave_no_trace_in_any_file(self, measured: Measure, published: Path) -> None:
        """Two measurements that differ only in what is withheld give the same bytes, but for the keyed seal."""
        tables = [((42, 9), (84, 31), "cannot_tell"), ((48, 3), (78, 37), "fewer")]
        seen = []
        for here, elsewhere, finding in tables:
            effect = measured(here=here, elsewhere=elsewhere)
            assert (sum(here), sum(elsewhere), effect.finding) == (51, 115, finding)
            seen.append(self._files(effect, published))
        assert seen[0] == seen[1]

    def _files(self, effect: Effect, published: Path) -> dict[str, str]:
        publication = publish(effect)
        path = published / publication.slug / str(publication.version)
        files = {file.name: file.read_text() for file in path.iterdir()}
        assert files.keys() == FILES
        manifest = json.loads(files.pop("manifest.json"))
        seal = manifest.pop("inputs_hmac_sha256")
        assert len(seal) == 64
        Publication.objects.all().delete()
        path.rename(path.parent.parent / f"{publication.pk}-seen")  # each is its response's first version
        (path.parent.parent / publication.slug).rmdir()
        return files | {"manifest.json": json.dumps(manifest)}

    def test_unusual_withheld_counts_are_found_in_no_byte(self, measured: Measure, published: Path) -> None:
        """The complementary ones are large enough to search for; no date or checksum of letters hides them."""
        effect = measured(here=(7517, 3), elsewhere=(8641, 9733))
        page = page_of(publish(effect))
        hidden = [
            count
            for count, released in zip(
                (7517, 8641, 9733), (page.table[0][0], *page.table[1][:2]), strict=True
            )
            if released is None
        ]
        assert hidden
        for file in published.rglob("*.*"):
            digest_free = "".join(line for line in file.read_text().splitlines(True) if not _is_digest(line))
            assert not [count for count in hidden if str(count) in digest_free], file

    def test_the_seal_is_keyed(self, small: Effect, published: Path, settings: Any) -> None:
        """Without the key, four small counts would be found by trying all of them."""
        first = actions._seal(small)
        settings.SECRET_KEY = "another"
        assert actions._seal(small) != first

    def test_the_strictest_minimum_cell_counts(self, large: Effect, counts: Counts) -> None:
        counts.minimum_cell = 11
        assert page_of(publish(large)).table[0][1] is None

    def test_the_date_of_the_next_measurement_does_not_tell_the_finding(self, measured: Measure) -> None:
        pages = [
            page_of(publish(measured(here=here, elsewhere=(120, 40))))
            for here in ((120, 1), (42, 9))  # found fewer; can't tell
        ]
        assert pages[0].next_measure_on == pages[1].next_measure_on

    def test_too_early_is_published_without_counts(self, measured: Measure) -> None:
        """Counts of incomplete days could be subtracted from the complete ones later."""
        page = page_of(publish(measured(here=(120, 20), as_of=datetime(2026, 4, 6, tzinfo=UTC))))
        assert page.conclusion == "too_early"
        assert page.withheld == 9
        assert page.next_measure_on == date(2026, 4, 20)

    def test_a_later_version_with_a_few_more_events_releases_no_counts(
        self, large: Effect, measured: Measure
    ) -> None:
        publish(large)
        page = page_of(publish(measured(here=(120, 12), elsewhere=(120, 40))))
        assert page.withheld == 9
        assert page.conclusion == "withheld"

    def test_after_a_version_without_counts_a_later_one_may_have_them(self, measured: Measure) -> None:
        publish(measured(here=(120, 20), as_of=datetime(2026, 4, 6, tzinfo=UTC)))
        assert page_of(publish(measured(here=(120, 21), elsewhere=(120, 40)))).withheld == 0

    def test_two_pages_together_tell_nothing_of_a_ward_that_only_one_is_about(
        self, large: Effect, counts: Counts
    ) -> None:
        """First Ward 8, then Wards 8 and 3 on the same days: the difference would be Ward 3's few events."""
        publish(large)
        wider = answer()
        wider.signal.places.add(Place.objects.get(code="W3"))
        counts.set("W3", before=5, after=3)
        effect = measure_effect(response=wider, as_of=AT, by=make_person(), at=AT)
        page = page_of(publish(effect, title="Both wards"))
        assert (effect.before, effect.after) == (125, 13)
        assert page.table == [[None] * 3] * 3


class TestFewEvents:
    """A spike is three events or more: with its place and its day, the word alone would be a count."""

    @pytest.fixture
    def few(self, measured: Measure, response: Response) -> Effect:
        around = make_place(code="SOUTH", name="South side")
        Place.objects.filter(code__in=["W8", "W2"]).update(name="Riverside", parent=around)
        response.signal.evidence |= {"observed": 4}
        response.signal.save()
        return measured(here=(42, 9), elsewhere=(84, 31))

    def test_neither_kind_nor_place_nor_day_is_in_any_released_file(
        self, few: Effect, published: Path
    ) -> None:
        publication = publish(few, title="Help on the South side, March 2026")
        rebuild_index()
        signal = few.response.signal
        told = (signal.begins_on, few.before_to_on, few.after_from_on)
        for file in published.rglob("*.*"):
            text = file.read_text()
            for hidden in (*map(str, told), "Riverside", "W8", "Spike", "spike"):
                assert hidden not in text, (file.name, hidden)
        page = page_of(publication)
        assert (page.kind_name, page.places) == ("Signal", ["South side"])
        assert (page.begins_on, page.ends_on) == (date(2026, 3, 1), date(2026, 3, 31))
        assert page.before == Window(date(2025, 11, 1), date(2026, 2, 28))
        assert (page.before_days, page.after_days) == (84, 28)

    def test_the_page_says_months_and_why(self, few: Effect, client: Client) -> None:
        publish(few, title="Help on the South side, March 2026")
        rebuild_index()
        shown = client.get("/public/help-on-the-south-side-march-2026/").content.decode()
        assert "Signal: Overdoses, March 2026<" in shown
        assert "84 days of November 2025–February 2026" in shown
        assert "What raised this signal was few events" in shown

    def test_without_a_larger_place_none_is_named(self, few: Effect) -> None:
        Place.objects.update(parent=None)
        assert page_of(publish(few, title="Help after a signal")).places == []

    @pytest.mark.parametrize("evidence", [{"observed": 9}, {"observed": None}, {}])
    def test_an_unknown_number_may_be_a_small_one(self, few: Effect, evidence: dict[str, Any]) -> None:
        few.response.signal.evidence = evidence
        assert page_of(publish(few, title="Help after a signal")).months_only

    def test_too_early_says_no_day_either(self, few: Effect, measured: Measure) -> None:
        effect = measured(as_of=datetime(2026, 4, 6, tzinfo=UTC))
        page = page_of(publish(effect, title="Help after a signal"))
        assert sentence(page.facts()) == (
            "It is too early to tell: records of the days after are still arriving."
        )
        assert page.next_measure_on == date(2026, 5, 1)

    @pytest.mark.parametrize(
        "words", ["In Riverside", "On March 7, 2026", "on 2026-03-09", "el 7 de marzo de 2026"]
    )
    @pytest.mark.parametrize("field", ["title", "summary"])
    def test_typed_words_name_neither_place_nor_day(self, few: Effect, field: str, words: str) -> None:
        with pytest.raises(ValidationError, match="says where or when") as refused:
            publish(few, **{"title": "Help", field: words})
        assert list(refused.value.message_dict) == [field]


class TestWhatIsRefused:
    @pytest.mark.parametrize("field", ["title", "summary"])
    def test_figures_in_typed_words(self, small: Effect, field: str) -> None:
        with pytest.raises(ValidationError) as refused:
            publish(small, **{field: "Down to 9 in Ward 8"})
        assert list(refused.value.message_dict) == [field]
        assert not Publication.objects.exists()

    def test_an_empty_title(self, large: Effect) -> None:
        with pytest.raises(ValidationError, match="title"):
            publish(large, title=" ")

    def test_leave_to_measure_is_not_leave_to_publish(self, large: Effect, counts: Counts) -> None:
        counts.refused = {Purpose.PUBLICATION}
        with pytest.raises(ValidationError, match="may not read the feed ems for publishing counts"):
            publish(large)
        assert counts.asked[-1]["purpose"] == Purpose.PUBLICATION

    def test_records_that_may_be_measured_but_not_published(self, large: Effect, counts: Counts) -> None:
        counts.set("W8", before=100, after=10)
        with pytest.raises(ValidationError, match="do not cover all the records"):
            publish(large)


class TestVersions:
    def test_a_later_measurement_is_the_next_version_and_names_the_one_before(
        self, large: Effect, measured: Measure, published: Path
    ) -> None:
        first = publish(large)
        second = publish(measured(here=(120, 10), elsewhere=(120, 40)), title="Another title")
        assert (second.slug, second.version) == (first.slug, 2)
        manifest = folder.read_manifest(second.slug, 2, manifest_sha256=second.manifest_sha256)
        assert manifest["previous"] == {"version": 1, "manifest_sha256": first.manifest_sha256}
        assert page_of(first).title == "Overdoses in Ward 8"

    def test_a_version_is_never_overwritten(self, large: Effect) -> None:
        publication = publish(large)
        with pytest.raises(FileExistsError):
            folder.freeze(publication.slug, 1, {"page.json": "{}"})

    def test_another_answer_with_the_same_title_has_its_own_address(self, large: Effect) -> None:
        Publication.objects.create(
            slug="overdoses-in-ward-8",
            version=1,
            title="x",
            manifest_sha256="",
            published_at=AT,
            published_by=make_person(),
        )
        assert publish(large).slug == "overdoses-in-ward-8-2"

    def test_a_title_without_latin_letters_still_has_an_address(self, large: Effect) -> None:
        assert publish(large, title="过量").slug == "publication"


class TestTampering:
    def test_untouched_files_pass(self, large: Effect) -> None:
        publish(large)
        assert verify_publications() == []

    @pytest.mark.parametrize("name", sorted(FILES))
    def test_an_altered_file_is_found(self, large: Effect, published: Path, name: str) -> None:
        publication = publish(large)
        path = published / publication.slug / "1" / name
        path.write_text(path.read_text().replace("1", "2", 1))
        [damage] = verify_publications()
        assert damage.faults[0].endswith(f"{name} was altered")

    def test_missing_and_added_files_are_found(self, large: Effect, published: Path) -> None:
        publication = publish(large)
        path = published / publication.slug / "1"
        (path / "table.csv").unlink()
        (path / "extra.csv").write_text("9")
        [damage] = verify_publications()
        assert damage.faults == ["table.csv is missing", "extra.csv was added"]

    def test_a_missing_folder_is_found(self, large: Effect, published: Path) -> None:
        publication = publish(large)
        (published / publication.slug).rename(published / "elsewhere")
        [damage] = verify_publications()
        assert "can't be read" in damage.faults[0]

    def test_an_altered_version_leaves_the_public_list(self, large: Effect, published: Path) -> None:
        publication = publish(large)
        (published / publication.slug / "1" / "page.json").write_text("{}")
        rebuild_index()
        assert folder.read_index() == []


@pytest.mark.django_db(transaction=True)
class TestCrashes:
    """After a crash at any step the public sees whole versions only."""

    def test_while_files_are_written(self, large: Effect, published: Path, monkeypatch: Any) -> None:
        monkeypatch.setattr(folder, "_sync", _crash)
        with pytest.raises(Crash):
            publish(large)
        assert not Publication.objects.exists()
        assert not list(published.glob("**/page.json"))
        assert folder.read_index() == []

    def test_between_files_and_register(self, large: Effect, published: Path, monkeypatch: Any) -> None:
        with monkeypatch.context() as patched, pytest.raises(Crash):
            patched.setattr(actions, "record", _crash)
            publish(large)
        assert not Publication.objects.exists()
        assert not Entry.objects.filter(verb="publish_effect").exists()
        assert folder.read_index() == []
        publication = publish(large)  # the number of the unlisted folder is not used again
        assert publication.version == 2
        assert [entry.version for entry in folder.read_index()] == [2]
        assert verify_publications() == []

    def test_between_register_and_index(self, large: Effect, monkeypatch: Any) -> None:
        with monkeypatch.context() as patched, pytest.raises(Crash):
            patched.setattr(folder, "replace_index", _crash)
            publish(large)
        assert Publication.objects.count() == 1
        assert folder.read_index() == []
        rebuild_index()
        assert [entry.slug for entry in folder.read_index()] == ["overdoses-in-ward-8"]

    def test_until_the_commit_nobody_else_publishes(
        self, large: Effect, published: Path, monkeypatch: Any
    ) -> None:
        """Another could take the same address, or release what both pages together give away."""
        tried = []
        monkeypatch.setattr(actions, "record", lambda *_, **__: transaction.on_commit(try_lock))

        def try_lock() -> None:
            with (published / ".lock").open("w") as lock, pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            tried.append(Publication.objects.count())

        publish(large)
        assert tried == [1]

    def test_after_the_commit_the_public_sees_it(self, large: Effect) -> None:
        publish(large)
        [entry] = folder.read_index()
        assert (entry.title, entry.conclusion, entry.places) == ("Overdoses in Ward 8", "fewer", ["Ward 8"])


class TestFiles:
    @pytest.mark.parametrize("slug", ["..", "../../etc", "a/b", "", ".draft-x", "Ä", "a\n"])
    def test_no_slug_leads_elsewhere(self, slug: str) -> None:
        with pytest.raises(Unreadable):
            folder.read_frozen(slug, 1, "page.json", manifest_sha256="")


class Crash(Exception):
    """Stands for the power going out."""


def _crash(*_args: object, **_kwargs: object) -> None:
    raise Crash


def _is_digest(line: str) -> bool:
    return any(len(word) == 64 for word in line.replace('"', " ").replace(",", " ").split())


def test_the_index_lists_the_newest_first(large: Effect, measured: Measure) -> None:
    publish(large, at=AT)
    publish(large, at=AT + timedelta(days=1))
    rebuild_index()
    [entry] = folder.read_index()
    assert [listed.version for listed in entry.versions] == [2, 1]
    assert entry.version == 2
