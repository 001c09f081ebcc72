"""The public site: files only, for anyone, in two languages, calm about damage."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from throughline.policy.sharing import Purpose
from throughline.public import views
from throughline.results.evaluation.wording import Conclusion
from throughline.results.publications import folder
from throughline.results.publications.pages import (
    Entry,
    Listed,
    Page,
    Promise,
    Unreadable,
    as_json,
    data_dictionary_csv,
    page_from_json,
    table_csv,
)
from throughline.results.publications.uses import Root, Use, Uses
from throughline.science.change import Window

AT = datetime(2026, 6, 1, 15, tzinfo=UTC)
PAGE = Page(
    slug="ward-8",
    version=1,
    title="Overdoses in Ward 8",
    summary="A unit was posted <b>there</b>.",
    publisher="Backbone",
    published_at=AT,
    as_of=AT,
    indicator={"en": "Overdoses", "es": "Sobredosis"},
    kind={"en": "Spike", "es": "Alza"},
    places=["Ward 8"],
    comparison_places=2,
    months_only=False,
    begins_on=date(2026, 3, 7),
    ends_on=date(2026, 3, 7),
    promises=[
        Promise("Station 5", date(2026, 3, 10), "kept"),
        Promise("Clinic", date(2026, 3, 9), "dropped"),
    ],
    before=Window(date(2025, 11, 15), date(2026, 2, 6)),
    before_days=84,
    after=Window(date(2026, 3, 9), date(2026, 4, 5)),
    after_days=28,
    since_help_moved=True,
    table=[[120, 10, 130], [120, 40, 160], [240, 50, 290]],
    minimum_cell=10,
    conclusion=Conclusion.FEWER,
    ratio=0.25,
    low=0.12,
    high=0.52,
    next_measure_on=date(2026, 8, 30),
)
HIDDEN = replace(
    PAGE,
    table=[[None, None, 51], [None, None, 115], [126, 40, 166]],
    conclusion=Conclusion.WITHHELD,
    ratio=None,
    low=None,
    high=None,
)


@pytest.fixture(autouse=True)
def site(settings: Any, tmp_path: Path) -> Path:
    """No test here has a database: a query would fail it."""
    settings.PUBLICATIONS_DIR = tmp_path / "publications"
    settings.PUBLICATIONS_DIR.mkdir()
    return settings.PUBLICATIONS_DIR


def freeze(*pages: Page) -> None:
    """Publish the versions of one page, the newest last."""
    versions: list[Listed] = []
    for page in pages:
        files = {
            "page.json": page.to_json(),
            "table.csv": table_csv(page),
            "data-dictionary.csv": data_dictionary_csv(),
        }
        manifest = as_json({"files": {name: folder.sha256(text) for name, text in files.items()}})
        folder.freeze(page.slug, page.version, files | {"manifest.json": manifest})
        versions.insert(0, Listed(page.version, page.published_at, folder.sha256(manifest)))
    newest = pages[-1]
    entry = Entry(
        newest.slug,
        newest.version,
        newest.title,
        newest.published_at,
        newest.conclusion,
        newest.places,
        versions,
    )
    folder.replace_index([entry])


def text(client: Client, address: str, **more: Any) -> str:
    response = client.get(address, **more)
    assert response.status_code == 200, address
    return response.content.decode()


def test_before_the_first_publication_residents_are_told_what_will_come(client: Client) -> None:
    assert "Nothing is published yet. The first page appears here once" in text(client, "/public/")


def test_home_lists_what_is_published_with_its_finding(client: Client) -> None:
    freeze(PAGE)
    shown = text(client, "/public/")
    assert 'href="/public/ward-8/"' in shown
    assert "Fewer than expected" in shown


def test_a_page_tells_what_was_seen_promised_and_changed(client: Client) -> None:
    freeze(PAGE)
    shown = text(client, "/public/ward-8/")
    for words in (
        "Spike: Overdoses",
        "2 promises were made; 1 kept.",
        "Not kept: given up",
        "we counted 10 where 40 would have been expected",
        "fewer than expected.",
        "What we can't tell",
        "Will be measured again",
        "<svg",
        "988",
    ):
        assert words in shown


def test_withheld_counts_are_marked_and_explained(client: Client) -> None:
    freeze(HIDDEN)
    shown = text(client, "/public/ward-8/")
    assert shown.count('<span class="tl-withheld">withheld</span>') == 4
    assert "A withheld count can be small or large." in shown
    assert "Counts withheld" in shown


@pytest.mark.parametrize("conclusion", list(Conclusion))
def test_every_conclusion_can_be_shown(client: Client, conclusion: Conclusion) -> None:
    freeze(replace(HIDDEN, conclusion=conclusion))
    text(client, "/public/ward-8/")
    text(client, "/public/")


def test_words_typed_by_people_can_not_carry_markup(client: Client) -> None:
    freeze(replace(PAGE, title="<script>alert(1)</script>"))
    shown = text(client, "/public/ward-8/")
    assert "<script" not in shown
    assert "&lt;b&gt;there&lt;/b&gt;" in shown


def test_an_earlier_version_stays_and_points_to_the_newest(client: Client) -> None:
    freeze(PAGE, replace(PAGE, version=2, title="Newer"))
    assert "Newer" in text(client, "/public/ward-8/")
    earlier = text(client, "/public/ward-8/1/")
    assert "This is an earlier version." in earlier
    assert "Overdoses in Ward 8" in earlier


def test_data_can_be_downloaded_with_its_dictionary(client: Client) -> None:
    freeze(HIDDEN)
    table = client.get("/public/ward-8/1/table.csv")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="ward-8-1-table.csv"' in table.headers["Content-Disposition"]
    assert "Overdoses,here,after,2026-03-09,2026-04-05,withheld," in table.content.decode()
    columns = table.content.decode().splitlines()[0].split(",")
    dictionary = text(client, "/public/ward-8/1/data-dictionary.csv").splitlines()[1:]
    assert [line.split(",")[0] for line in dictionary] == columns


USES = Uses(
    date(2026, 6, 1),
    [
        Use(date(2026, 6, 1), Purpose.LAW_ENFORCEMENT, "Sheriff", "Parcels <1>", "1-9"),
        Use(date(2026, 5, 31), Purpose.QUALITY, "Station 5", "", "10-99"),
        Use(date(2026, 4, 1), Purpose.RESEARCH, "University", "Study", "1-9"),
    ],
    [Root(date(2026, 5, 31), 40, "ab" * 32), Root(date(2026, 6, 1), 55, "cd" * 32)],
    made_at=datetime(2026, 6, 2, 4, 10, tzinfo=UTC),
)


class TestUses:
    def test_before_the_first_day_is_over_residents_are_told_what_will_come(self, client: Client) -> None:
        assert "The first day appears here when it is over." in text(client, "/public/data/uses/")
        assert client.get("/public/data/uses.csv").status_code == 404

    def test_law_enforcement_stands_apart(self, client: Client) -> None:
        folder.replace_uses(USES)
        apart, rest = text(client, "/public/data/uses/").split("For everything else")
        assert "Sheriff" in apart
        assert "Parcels &lt;1&gt;" in apart
        assert "Sheriff" not in rest
        assert "Station 5" in rest

    def test_it_says_when_it_was_made(self, client: Client) -> None:
        folder.replace_uses(USES)
        assert (
            'this list was made on <time datetime="2026-06-02T00:10:00-04:00">June 2, 2026, 12:10 a.m.</time>'
            in text(client, "/public/data/uses/")
        )

    def test_that_nothing_was_read_for_law_enforcement_is_said(self, client: Client) -> None:
        folder.replace_uses(replace(USES, uses=USES.uses[1:]))
        assert "No read for law enforcement in the last 30 days." in text(client, "/public/data/uses/")

    def test_the_page_shows_a_month_and_the_table_everything(self, client: Client) -> None:
        folder.replace_uses(USES)
        assert "University" not in text(client, "/public/data/uses/")
        assert text(client, "/public/data/uses.csv").splitlines() == [
            "day,purpose,law_enforcement,organization,agreement,times",
            "2026-06-01,law_enforcement,yes,Sheriff,Parcels <1>,1-9",
            "2026-05-31,quality,no,Station 5,,10-99",
            "2026-04-01,research,no,University,Study,1-9",
        ]

    def test_the_latest_root_is_shown_and_all_can_be_kept(self, client: Client) -> None:
        folder.replace_uses(USES)
        assert "cd" * 32 in text(client, "/public/data/uses/")
        kept = json.loads(text(client, "/public/data/roots.json"))
        assert kept["roots"][0] == {"on": "2026-05-31", "size": 40, "root": "ab" * 32}

    def test_it_is_told_in_spanish(self, client: Client) -> None:
        folder.replace_uses(USES)
        shown = text(client, "/public/data/uses/?language=es")
        for word in (
            "Para la aplicación de la ley",
            "comprobar la calidad",
            "sus propios registros",
            "55 entradas",
            "esta lista se hizo el",
        ):
            assert word in shown
        for word in ("Who ", "What ", " the ", "Agreement", "law enforcement"):
            assert word not in shown

    @pytest.mark.parametrize(
        "content", ["", "[]", "null", '{"through": "2026-06-01", "uses": [{}], "roots": []}']
    )
    def test_a_damaged_account_is_a_calm_page(self, client: Client, site: Path, content: str) -> None:
        (site / "uses.json").write_text(content)
        for address in ("uses/", "uses.csv", "roots.json"):
            assert client.get(f"/public/data/{address}").status_code == 404


class TestLanguages:
    def test_spanish_is_in_the_address_not_in_a_cookie(self, client: Client) -> None:
        freeze(PAGE)
        response = client.get("/public/ward-8/?language=es")
        shown = response.content.decode()
        assert '<html lang="es">' in shown
        assert response.headers["Content-Language"] == "es"
        assert "Alza: Sobredosis" in shown
        assert "contamos 10 cuando se habrían esperado 40" in shown
        assert 'href="/public/?language=es"' in shown  # links keep the language
        assert not response.cookies

    def test_what_is_compiled_is_what_is_translated(self) -> None:
        """The compiled file is kept beside its source: not every machine has a compiler for it."""
        folder_of_spanish = Path(views.__file__).parent / "locale/es/LC_MESSAGES"
        with (folder_of_spanish / "django.mo").open("rb") as file:
            compiled = GNUTranslations(file)
        source = (folder_of_spanish / "django.po").read_text()
        pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', source, re.MULTILINE)
        assert len(pairs) > 50
        assert [said for said, meant in pairs if compiled.gettext(said) != meant] == []

    def test_the_browsers_language_is_followed(self, client: Client) -> None:
        response = client.get("/public/", headers={"Accept-Language": "es-MX,es;q=0.9"})
        assert '<html lang="es">' in response.content.decode()
        assert "Accept-Language" in response.headers["Vary"]

    def test_an_unknown_language_is_ignored(self, client: Client) -> None:
        assert '<html lang="en">' in text(client, "/public/?language=xx")

    def test_no_english_sentence_is_left_in_spanish(self, client: Client) -> None:
        freeze(HIDDEN, replace(PAGE, version=2))
        for address in ("/public/", "/public/ward-8/", "/public/ward-8/1/"):
            shown = text(client, f"{address}?language=es")
            for word in ("What ", "Promised", ">withheld<", "Places", "Published", "expected", " the "):
                assert word not in shown, (address, word)


class TestNothingIsAskedOrKept:
    @pytest.fixture(params=["/public/", "/public/ward-8/", "/public/ward-8/1/", "/public/ward-8/1/table.csv"])
    def address(self, request: pytest.FixtureRequest) -> Iterator[str]:
        freeze(PAGE)
        yield request.param

    def test_no_cookie_no_session(self, client: Client, address: str) -> None:
        response = client.get(address)
        assert response.status_code == 200
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")

    @pytest.mark.django_db
    def test_no_query_even_for_the_signed_in(
        self, client_for: Any, address: str, django_assert_num_queries: Any
    ) -> None:
        client = client_for("analyst")
        with django_assert_num_queries(0):
            assert client.get(address).status_code == 200

    def test_a_second_look_costs_nothing(self, client: Client, address: str) -> None:
        first = client.get(address)
        assert "public" in first.headers["Cache-Control"]
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304

    def test_nothing_can_be_sent(self, client: Client, address: str) -> None:
        assert client.post(address, {}).status_code == 405


class TestDamage:
    @pytest.mark.parametrize(
        "address",
        [
            "/public/nothing-here/",
            "/public/ward-8/7/",
            "/public/ward-8/1/page.json.bak",
            "/public/ward-8/1/.lock",
            "/public/ward-8/99999999999999999999/",
            "/public/WARD-8/",
            "/public/ward-8/1/table.csv/more",
            "/public/%2e%2e/%2e%2e/etc/passwd",
            "/public/..%2f..%2fetc%2fpasswd",
            "/public/ward-8/1/..%2f..%2findex.json",
            "/public/ward-8/1/%00",
            "/public/_x_/",
        ],
    )
    def test_other_addresses_are_calmly_not_found(self, client: Client, address: str) -> None:
        freeze(PAGE)
        response = client.get(address)
        assert response.status_code == 404
        assert "There is nothing to read at this address" in response.content.decode()

    def test_a_version_that_is_not_listed_is_invisible(self, client: Client) -> None:
        """Such as one whose publishing was cut short."""
        freeze(PAGE)
        folder.freeze("ward-8", 2, {"page.json": PAGE.to_json()})
        folder.freeze("secret", 1, {"page.json": PAGE.to_json(), "table.csv": ""})
        for address in ("/public/ward-8/2/", "/public/secret/", "/public/secret/1/table.csv"):
            assert client.get(address).status_code == 404

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "{",
            "[]",
            "null",
            '{"publications": 3}',
            '{"publications": [{}]}',
            "\x00",
        ],
    )
    def test_a_damaged_list_is_a_calm_page(self, client: Client, site: Path, content: str) -> None:
        (site / "index.json").write_text(content)
        for address in ("/public/", "/public/ward-8/"):
            response = client.get(address)
            assert response.status_code == 404
            assert "can't be shown right now" in response.content.decode()

    @pytest.mark.parametrize("value", [None, "x", 3, [], [3], {}, {"x": 1}])
    @pytest.mark.parametrize("field", [field.name for field in fields(Entry)])
    def test_any_field_of_the_list_may_be_damaged(
        self, client: Client, site: Path, field: str, value: Any
    ) -> None:
        freeze(PAGE)
        index = json.loads((site / "index.json").read_text())
        index["publications"][0][field] = value
        (site / "index.json").write_text(json.dumps(index))
        for address in ("/public/", "/public/ward-8/"):
            assert client.get(address).status_code in {200, 404}

    @pytest.mark.parametrize("name", ["page.json", "manifest.json"])
    def test_an_altered_page_is_not_shown(self, client: Client, site: Path, name: str) -> None:
        """What the public reads is what was frozen, or nothing."""
        freeze(PAGE)
        path = site / "ward-8/1" / name
        path.write_text(path.read_text().replace("1", "2", 1))
        assert client.get("/public/ward-8/").status_code == 404
        assert "Overdoses in Ward 8" in text(client, "/public/")

    def test_an_altered_table_is_not_handed_out(self, client: Client, site: Path) -> None:
        freeze(PAGE)
        (site / "ward-8/1/table.csv").write_text("count\n9\n")
        assert client.get("/public/ward-8/1/table.csv").status_code == 404

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', '{"format": 9}', "\x00", "3"])
    def test_a_page_in_another_format_is_unreadable(self, content: str) -> None:
        with pytest.raises(Unreadable):
            page_from_json(content)

    def test_missing_files_are_calm_too(self, client: Client, site: Path) -> None:
        freeze(PAGE)
        (site / "ward-8/1/table.csv").unlink()
        assert client.get("/public/ward-8/1/table.csv").status_code == 404
