"""How well the text definitions do on the labelled sample; the page that says so is held to these figures."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from throughline.definitions import Definition
from throughline.definitions.library import shipped_definitions
from throughline.formats.event import Event

PROJECT = Path(__file__).parents[3]
SAMPLE = PROJECT / "tests" / "samples" / "definitions" / "texts.csv"
PAGE = PROJECT / "docs" / "explanation" / "case-definitions.md"
AT = datetime(2026, 3, 1, tzinfo=UTC)
ELEMENTS = {"chief_complaint": "chief_complaint", "narrative": "eNarrative.01"}
MEASURED = [
    ("ed-opioid-overdose-text", 1, "chief_complaint"),
    ("ed-opioid-overdose-text", 2, "chief_complaint"),
    ("ems-narrative-opioid-overdose", 1, "narrative"),
]
PARTS = ("tuning", "held_out", "later", "last")


@pytest.fixture(scope="module")
def sample() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def table_row(definition: Definition, kind: str, part: str, sample: list[dict[str, str]]) -> str:
    """Sensitivity, specificity and positive predictive value, as a row of the page's table."""
    rows = [row for row in sample if row["part"] == part and row["kind"] == kind]
    told = [(row["opioid_overdose"] == "yes", is_met(definition, row)) for row in rows]
    cases, met = sum(case for case, _ in told), sum(found for _, found in told)
    both, neither = told.count((True, True)), told.count((False, False))
    rates = f"{both / cases:.0%} | {neither / (len(told) - cases):.0%} | {both / met:.0%}"
    return f"| `{definition.id}` {definition.version} | {part} | {len(told)} | {cases} | {rates} |"


def is_met(definition: Definition, row: dict[str, str]) -> bool:
    return bool(definition.matches(Event("1", AT, texts=(f"{ELEMENTS[row['kind']]}={row['text']}",))))


def test_the_page_quotes_the_accuracy_that_the_definitions_have(sample):
    table = [
        table_row(shipped_definitions()[id, version], kind, part, sample)
        for id, version, kind in MEASURED
        for part in PARTS
    ]
    page = PAGE.read_text(encoding="utf-8")
    missing = [row for row in table if row not in page]
    assert missing == [], "the table on the page is:\n" + "\n".join(table)


def test_the_sample_is_labelled_by_its_rules(sample):
    first = [row for row in sample if row["part"] in ("tuning", "held_out")]
    assert len(first) >= 300
    assert len({row["text"] for row in sample}) == len(sample) >= 400
    for row in sample:
        assert (row["opioid_overdose"] == "yes") is (row["rule"] in ("A", "B", "C")), row
    for row in first:
        assert (row["part"] == "held_out") is (int(row["number"]) % 3 == 0), row
