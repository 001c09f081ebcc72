"""Real files are read by what is proposed for them about as well as by mappings that people wrote."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from throughline.formats.event import Event
from throughline.formats.gazetteer import AnyPlace
from throughline.formats.mapping import parse_mapping
from throughline.formats.proposal import propose_mapping
from throughline.formats.tabular import read_tabular

INCIDENTS = Path(__file__).parents[4] / "../shared/data/incidents"
RECEIVED_AT = datetime(2026, 11, 1, tzinfo=UTC)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not INCIDENTS.exists(), reason="../shared, which holds the real files, is not here"),
]


@pytest.mark.parametrize(
    ("name", "rows", "set_aside", "key", "fatal"),
    [
        ("cook_county_medical_examiner_2014_2020", 7551, 0, "record_id", 7551),
        # The two rows without a date and the three with prose in a flag, as by the mapping written by hand.
        ("connecticut_accidental_drug_deaths_2012_2018", 5105, 5, "ID", 5100),
        ("pennsylvania_overdose_network_2018_2020", 10953, 0, "Victim ID", 1806),
    ],
)
def test_a_proposal_reads_the_file(name: str, rows: int, set_aside: int, key: str, fatal: int) -> None:
    path = INCIDENTS / f"{name}.csv"
    proposal = propose_mapping(path, time_zone="America/New_York")
    mapping = parse_mapping(proposal.document)
    outcomes = list(read_tabular(path, mapping, AnyPlace(), received_at=RECEIVED_AT))
    events = [outcome for outcome in outcomes if isinstance(outcome, Event)]
    assert (len(outcomes), len(outcomes) - len(events)) == (rows, set_aside)
    assert proposal.document["record_id"] == {"columns": [key]}
    assert sum(event.outcome == "fatal" for event in events) == fatal
    assert sum("fentanyl" in event.substances for event in events) > 0.15 * len(events)
