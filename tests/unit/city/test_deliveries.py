"""Reading every file with the real formats gives exactly what the truth says that intake should find."""

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from throughline.city.feeds.catalogue import FEEDS
from throughline.formats.event import Event
from throughline.formats.faults import Rejected, UnreadableFile
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.mapping import parse_mapping
from throughline.formats.registry import known_formats


def _gazetteer(built) -> Gazetteer:
    shapes = {it["properties"]["code"]: it["geometry"] for it in built.read("places.geojson")["features"]}
    with built.files.places.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "neighborhood"]
    return Gazetteer(
        Place(row["code"], float(row["latitude"]), float(row["longitude"]), shapes[row["code"]])
        for row in rows
    )


class Intake:
    """Reads deliveries in order and tells revisions from duplicates, as the product's intake does."""

    def __init__(self, built) -> None:
        self.folder: Path = built.files.folder
        self.gazetteer = _gazetteer(built)
        feeds = built.read("feeds.json")
        self.mappings = {feed["key"]: parse_mapping(feed["mapping"]) for feed in feeds}
        self.formats = {feed["key"]: known_formats()[feed["format"]] for feed in feeds}
        self.known: dict[tuple[str, str], Event] = {}

    def receive(self, delivery) -> dict[str, object]:
        read = list(
            self.formats[delivery["feed"]].read(
                self.folder / delivery["file"],
                self.mappings[delivery["feed"]],
                self.gazetteer,
                received_at=datetime.fromisoformat(delivery["received_at"]),
            )
        )
        events = [it for it in read if isinstance(it, Event)]
        kinds = Counter(self._kind(delivery["feed"], event) for event in events)
        return {
            "rows": len(read),
            "accepted": kinds["new"] + kinds["revision"],
            "revisions": kinds["revision"],
            "duplicates": kinds["duplicate"],
            "rejected": [
                {"row": it.row, "field": it.field, "reason": it.reason.value}
                for it in read
                if isinstance(it, Rejected)
            ],
        }

    def _kind(self, feed: str, event: Event) -> str:
        earlier = self.known.get((feed, event.record_id))
        self.known[feed, event.record_id] = event
        if earlier is None:
            return "new"
        return "duplicate" if earlier.content_hash == event.content_hash else "revision"


@pytest.mark.parametrize("size", ["town", pytest.param("city", marks=pytest.mark.slow)])
def test_every_file_reads_exactly_as_the_truth_says(size, request):
    built = request.getfixturevalue(size)
    intake = Intake(built)
    for expected in built.truth["files"]:
        if expected["refused"]:
            with pytest.raises(UnreadableFile, match=r"PDF|element"):
                intake.receive(expected)
        else:
            found = intake.receive(expected)
            assert found == {name: expected[name] for name in found}, expected["file"]


def test_events_are_read_as_what_happened(city):
    """Through the ambulances' files: the same place, minute and outcome as the incident itself."""
    intake = Intake(city)
    for delivery in city.truth["files"]:
        if delivery["feed"] == "ems":
            intake.receive(delivery)
    compared = 0
    for incident in city.truth["incidents"]:
        if event := intake.known.get(("ems", incident["records"].get("ems"))):
            at = datetime.fromisoformat(incident["at"])
            # The hour that clocks repeat is written without saying which of both it is.
            assert event.time_quality == "ambiguous" or event.occurred_at == at
            assert event.place == incident["place"]
            assert event.outcome == ("fatal" if incident["fatal"] else "nonfatal")
            compared += 1
    assert compared > 2500


def test_no_row_is_lost(city):
    for file in city.truth["files"]:
        assert file["rows"] == file["accepted"] + file["duplicates"] + len(file["rejected"])


def test_defects_are_as_common_as_intended(city):
    total = Counter()
    for file in city.truth["files"]:
        total.update({name: file[name] for name in ("rows", "duplicates", "revisions", "late")})
        total["rejected"] += len(file["rejected"])
    assert 0.005 < total["rejected"] / total["rows"] < 0.02
    assert total["duplicates"] > 10
    assert total["revisions"] > 100
    assert total["late"] > 500


def test_many_kinds_of_bad_rows_occur(city):
    reasons = {it["reason"] for file in city.truth["files"] for it in file["rejected"]}
    assert len(reasons) >= 7


def test_exactly_one_file_is_of_the_wrong_type_and_the_right_one_follows(city):
    (wrong,) = [n for n, file in enumerate(city.truth["files"]) if "-scan." in file["file"]]
    files = city.truth["files"]
    following = next(file for file in files[wrong + 1 :] if file["feed"] == files[wrong]["feed"])
    assert following["received_at"][:10] == files[wrong]["received_at"][:10]
    assert following["rows"] > 0


def test_deliveries_are_listed_in_order_and_named_after_their_instant(city):
    deliveries = city.read("deliveries.json")
    instants = [datetime.fromisoformat(it["received_at"]) for it in deliveries]
    assert instants == sorted(instants)
    for delivery, instant in zip(deliveries, instants, strict=True):
        folder, feed, name = delivery["file"].split("/")
        assert (folder, feed) == ("deliveries", delivery["feed"])
        assert name.startswith(f"{instant:%Y%m%dT%H%M%SZ}--simulated-{feed}-")
        assert (city.files.folder / delivery["file"]).is_file()


def test_ambulances_report_daily_until_the_morning_after_the_last_day(city):
    days = [it["received_at"][:10] for it in city.read("deliveries.json") if it["feed"] == "ems"]
    assert len(days) == len(set(days)) == 365
    assert (days[0], days[-1]) == ("2025-11-02", "2026-11-01")


def test_no_file_holds_an_event_from_after_it_was_received(town):
    intake = Intake(town)
    for delivery in town.truth["files"]:
        if not delivery["refused"]:
            intake.known.clear()
            intake.receive(delivery)
            received_at = datetime.fromisoformat(delivery["received_at"])
            assert all(event.occurred_at <= received_at for event in intake.known.values()), delivery["file"]


def test_every_feed_delivers(town):
    assert {it["feed"] for it in town.truth["files"]} == {feed.key for feed in FEEDS}


def test_the_feeds_use_the_traps_that_real_files_have():
    mappings = [parse_mapping(feed.mapping) for feed in FEEDS]
    assert {mapping.layout.delimiter for mapping in mappings} == {",", ";"}
    assert len({mapping.layout.encoding for mapping in mappings}) == 2
    assert any(mapping.layout.header_row > 1 for mapping in mappings)
    assert {mapping.occurred_at.precision for mapping in mappings} == {"minute", "day"}
    assert {feed.format for feed in FEEDS} == {"tabular", "nemsis"}
    assert any(mapping.place.text_point for mapping in mappings)
    assert any(mapping.place.code and mapping.place.code.whole_number for mapping in mappings)
