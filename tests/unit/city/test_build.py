"""The same arguments give the same bytes; bad arguments are refused before anything is written."""

import re
from datetime import date
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from throughline.city.build import build_city

UNTIL = date(2026, 10, 31)


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _build(folder: Path, **wish: int) -> dict[str, str]:
    build_city(folder, until=UNTIL, months=4, scale=0.25, **wish)
    return _digests(folder)


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    assert _build(tmp_path / "one", seed=3) == _build(tmp_path / "two", seed=3)


def test_another_seed_gives_another_city(tmp_path):
    one, other = _build(tmp_path / "one", seed=3), _build(tmp_path / "two", seed=4)
    same = {name for name in one.keys() & other.keys() if one[name] == other[name]}
    # A town of either seed has the same seats to fill and the same agreements to sign.
    assert {name for name in same if not name.endswith("-scan.csv")} <= {
        "README.txt",
        "agreements.json",
        "vacancies.csv",
    }


def test_every_promised_file_is_there_and_counted(town):
    files = town.files
    assert {path.name for path in files.folder.iterdir()} == {
        "README.txt", "places.csv", "places.geojson", "roster.csv", "vacancies.csv", "agreements.json",
        "feeds.json", "deliveries", "deliveries.json", "truth.json",
    }  # fmt: skip
    paths = (files.places, files.boundaries, files.roster, files.vacancies, files.agreements, files.feeds)
    assert all(path.is_file() for path in (*paths, files.deliveries, files.truth))
    assert files.counts.places == 12 + 2 + 1
    assert files.counts.files == len(list((files.folder / "deliveries").rglob("*.*")))
    assert files.counts.rows == sum(file["rows"] for file in town.truth["files"])


def test_the_period_ends_on_the_day_asked_for_and_is_as_long_as_asked_for(town):
    assert (town.truth["first_day"], town.truth["last_day"]) == ("2025-11-01", "2026-10-31")


@pytest.mark.parametrize(
    ("until", "months", "first_day"),
    [
        (date(2026, 3, 31), 4, "2025-12-01"),
        (date(2028, 2, 29), 12, "2027-03-01"),
        (date(2026, 12, 15), 12, "2025-12-16"),
    ],
)
def test_months_are_counted_by_the_calendar(tmp_path, until, months, first_day):
    files = build_city(tmp_path / "town", until=until, months=months, scale=0.25)
    assert f'"first_day": "{first_day}"' in files.truth.read_text()


def test_a_period_too_short_for_its_outbreaks_is_refused(tmp_path):
    with pytest.raises(ValueError, match="2 months are 61 days, expected 110 days or more"):
        build_city(tmp_path / "town", until=UNTIL, months=2)
    assert not (tmp_path / "town").exists()


def test_a_folder_in_use_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="holds files already"):
        build_city(tmp_path, until=UNTIL, scale=0.25)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_more_places_than_names_are_refused(tmp_path):
    with pytest.raises(ValueError, match="names for 480 neighbourhoods, not for 960"):
        build_city(tmp_path / "state", until=UNTIL, scale=20)


def test_everything_says_that_it_is_simulated(town):
    assert (town.files.folder / "README.txt").read_text().startswith("Everything in this folder is simulated")
    assert town.truth["simulated"] is True
    assert all("simulated" in delivery["file"] for delivery in town.read("deliveries.json"))
    assert all(feed["name"].startswith("Simulated") for feed in town.read("feeds.json"))
    assert all(agreement["provider"].startswith("Simulated") for agreement in town.read("agreements.json"))


def test_workbooks_do_not_remember_when_they_were_saved(town):
    for path in (town.files.folder / "deliveries").rglob("*.xlsx"):
        with ZipFile(path) as workbook:
            assert {member.date_time for member in workbook.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            properties = workbook.read("docProps/core.xml")
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT[\d:]+Z", properties)) == {b"2000-01-01T00:00:00Z"}
