"""The ambulances' reports keep to the standard, and a case definition finds the overdoses among them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from throughline.city.feeds import ems
from throughline.definitions import library
from throughline.formats import nemsis
from throughline.formats.event import Event
from throughline.formats.faults import UnreadableFile
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.mapping import parse_mapping

SCHEMAS = Path(__file__).parents[3] / "../shared/data/nemsis/xsd"
ALL_BEFORE = datetime(2026, 11, 5, tzinfo=UTC)


def _read(path, schemas=None):
    mapping, nowhere = parse_mapping(nemsis.MAPPING), Gazetteer([])
    return list(nemsis.read_nemsis(path, mapping, nowhere, received_at=ALL_BEFORE, schemas=schemas))


def _files(built):
    for sent in built.truth["files"]:
        if sent["feed"] == "ems" and not sent["refused"]:
            yield built.files.folder / sent["file"]


@pytest.fixture(scope="module")
def events(town):
    read = [it for path in _files(town) for it in _read(path)]
    return {it.record_id: it for it in read if isinstance(it, Event)}


@pytest.mark.skipif(not SCHEMAS.exists(), reason="../shared, which holds the standard's schemas, is not here")
def test_the_standards_schemas_find_no_other_faults_than_those_put_in(town):
    def by_kind(read):
        return [(type(it), getattr(it, "row", None), getattr(it, "field", None)) for it in read]

    for path in _files(town):
        assert by_kind(_read(path, SCHEMAS)) == by_kind(_read(path)), path.name


def test_the_definition_counts_nearly_all_overdoses_and_nothing_else(town, events):
    definition = library()[ems.FEED.definition]
    overdoses = {it["records"]["ems"] for it in town.truth["incidents"] if "ems" in it["records"]}
    found = {key for key, event in events.items() if definition.matches(event)}
    assert found <= overdoses
    assert 0.93 < len(found) / len(overdoses & events.keys()) < 1  # some crews wrote too little


def test_the_agreement_shares_what_the_definition_looks_at(town):
    (agreement,) = [it for it in town.read("agreements.json") if it["feed"] == "ems"]
    assert library()[ems.FEED.definition].fields <= set(agreement["fields"])


def test_runs_for_other_reasons_are_there_and_deny_drugs(town, events):
    overdoses = {it["records"].get("ems") for it in town.truth["incidents"]}
    others = [event for key, event in events.items() if key not in overdoses]
    assert 0.3 < len(others) / len(events) < 0.45
    assert any("Denies alcohol, cocaine or heroin" in text for event in others for text in event.texts)


def test_a_file_in_which_no_report_is_in_order_is_known_to_be_refused(town):
    for sent in town.truth["files"]:
        if sent["feed"] == "ems" and sent["refused"]:
            with pytest.raises(UnreadableFile, match="element"):
                _read(town.files.folder / sent["file"])
