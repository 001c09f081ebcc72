"""A definition's document is read whole, or every fault in it is told with its path."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from throughline.definitions import DefinitionError, Match, library, parse_definition, shipped_documents
from throughline.definitions.vocabulary import known_vocabularies
from throughline.formats.event import Event

AT = datetime(2026, 3, 1, tzinfo=UTC)


def document(*tests, none=(), **settings):
    return {"id": "own", "name": "Our own", "any": [{"all": list(tests), "none": list(none)}], **settings}


def matches(definition_document, **facts):
    return parse_definition(definition_document).matches(Event("1", AT, **facts))


def test_a_definition_says_what_made_the_event_meet_it():
    own = document(
        {"codes": ["diagnosis"], "prefixes": ["T40.1"]}, {"texts": ["complaint"], "terms": ["overdos"]}
    )
    found = matches(
        own, codes=("diagnosis=T40.1X1A", "diagnosis=R55"), texts=("complaint=Overdosed at home",)
    )
    assert found == (Match("diagnosis", "T40.1X1A"), Match("complaint", "overdos"))
    assert matches(own, codes=("diagnosis=T40.1X1A",)) == ()


def test_all_tests_of_a_criterion_must_find_something_and_none_may():
    own = document({"field": "outcome", "is": ["fatal"]}, none=[{"codes": ["diagnosis"], "list": ["X60"]}])
    assert matches(own, outcome="fatal") == (Match("outcome", "fatal"),)
    assert matches(own, outcome="fatal", codes=("diagnosis=X60",)) == ()


@pytest.mark.parametrize(
    ("dots", "case", "code", "found"),
    [
        ("drop", "upper", "t40.1x1a", True),
        ("drop", "upper", " T401X1A ", True),
        ("keep", "upper", "t40.1x1a", True),
        ("keep", "upper", "T401X1A", False),
        ("keep", "keep", "t40.1x1a", False),
    ],
)
def test_dots_and_case_count_as_the_definition_says(dots, case, code, found):
    own = document({"codes": ["diagnosis"], "list": ["T40.1X1A"], "dots": dots, "case": case})
    assert bool(matches(own, codes=(f"diagnosis={code}",))) is found


def test_a_vocabulary_gives_the_codes_of_some_of_its_rows():
    rows = {
        "vocabulary": "icd10cm_opioid_poisoning",
        "where": {"drug_group": ["heroin"], "encounter": ["initial"]},
    }
    own = document({"codes": ["diagnosis"], **rows})
    assert matches(own, codes=("diagnosis=T40.1X1A",))
    assert not matches(own, codes=("diagnosis=T40.1X1D",))
    assert not matches(own, codes=("diagnosis=T40.2X1A",))


def test_events_of_another_measure_never_meet_a_definition_of_overdoses():
    own = document({"field": "outcome", "is": ["unknown"]}, measures=["overdose"])
    assert matches(own)
    assert not matches(own, measure="naloxone_kits")


def test_every_fault_is_told_with_its_path():
    with pytest.raises(DefinitionError) as told:
        parse_definition(
            {
                "id": "Not Good",
                "version": 0,
                "any": [
                    {
                        "all": [
                            {"codes": ["a=b"], "pattern": "x(?=y)", "dots": "maybe"},
                            {"codes": ["a"], "texts": ["b"]},
                            {"texts": ["b"], "terms": ["-x"], "without": ["magic"], "mask": [r"\b|a*"]},
                            {"codes": ["a"], "vocabulary": "nowhere"},
                            {"field": "record_id", "is": ["1"]},
                            {"field": "naloxone", "is": ["perhaps"]},
                        ]
                    },
                    {"all": []},
                ],
                "colour": "red",
            }
        )
    paths = {fault.partition(":")[0] for fault in told.value.faults}
    assert paths >= {
        "id",
        "version",
        "name",
        "colour",
        "any[0].all[0].codes",
        "any[0].all[0].pattern",
        "any[0].all[0].dots",
        "any[0].all[1]",
        "any[0].all[2].terms",
        "any[0].all[2].without",
        "any[0].all[2].mask",
        "any[0].all[3].vocabulary",
        "any[0].all[4].field",
        "any[0].all[5].is",
        "any[1].all",
    }
    assert "looks around" in str(told.value)


@pytest.mark.parametrize(
    "wrong", [None, [], "text", {"any": "all"}, {"id": 7, "any": [3]}, {"any": [{"all": 1}]}]
)
def test_no_document_ends_in_a_traceback(wrong):
    with pytest.raises(DefinitionError):
        parse_definition(wrong)


def test_the_library_has_the_newest_version_of_each_definition():
    assert library()["ed-opioid-overdose-text"].version == 2
    assert ("ed-opioid-overdose-text", 1) in shipped_documents()
    assert all(each.source and each.dated and each.description for each in library().values())
    assert all(each.certainty in ("verified", "reconstructed") for each in library().values())


def test_every_row_of_a_vocabulary_states_source_date_and_certainty():
    assert len(known_vocabularies()) >= 5
    for vocabulary in known_vocabularies().values():
        assert all(row[name] for row in vocabulary.rows for name in ("code", "source", "dated", "certainty"))


def test_the_example_on_the_page_is_a_definition():
    page = (Path(__file__).parents[3] / "docs" / "explanation" / "case-definitions.md").read_text(
        encoding="utf-8"
    )
    own = parse_definition(json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1]))
    assert own.matches(Event("1", AT, texts=("chief_complaint=overdose, fentanyl",)))
    assert not own.matches(Event("1", AT, texts=("chief_complaint=overdose, denies fentanyl",)))
