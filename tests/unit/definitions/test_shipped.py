"""The shipped definitions agree with their sources: test vectors, code lists, and patterns written anew."""

import csv
import json
import re
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from throughline.definitions import Match, library
from throughline.definitions.vocabulary import known_vocabularies
from throughline.formats.event import Event

AT = datetime(2026, 3, 1, tzinfo=UTC)
CODES = Path(__file__).parents[3] / "../shared/codes"
BY_SOURCE = {
    "nemsis_opioid_overdose_as_printed": ("ems-opioid-overdose-as-printed", "eSituation.11"),
    "nemsis_opioid_overdose_anchored": ("ems-opioid-overdose-anchored", "eSituation.09"),
    "cdc_any_drug_undotted": ("ed-any-drug-overdose", "diagnosis"),
    "cdc_any_opioid_undotted": ("ed-opioid-overdose", "diagnosis"),
    "cdc_heroin_undotted": ("ed-heroin-overdose", "diagnosis"),
    "cdc_nonheroin_opioid_undotted": ("ed-nonheroin-opioid-overdose", "diagnosis"),
    "cdc_fentanyl_undotted": ("ed-fentanyl-overdose", "diagnosis"),
}
ANY_DRUG = (  # as the source has it; engines without lookahead can't read it
    r"^(?:(?!(?:T3[679]9|T414|T427|T4[3579]9))(?:T3[6-9]|T4[0-9]|T50)..[1-4](?:A|$)"
    r"|(?:T3[679]9|T414|T427|T4[3579]9)[1-4].(?:A|$))"
)


def met(id: str, *codes: str) -> tuple[Match, ...]:
    return library()[id].matches(Event("1", AT, codes=codes))


@pytest.fixture(scope="module")
def source():
    path = CODES / "case_definition_regex.json"
    if not path.exists():
        pytest.skip(f"{path} isn't here")
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_sources_test_vectors_hold(source):
    for code, expected in source["test_vectors"].items():
        told = {name: bool(met(id, f"{element}={code}")) for name, (id, element) in BY_SOURCE.items()}
        assert told == {name: expected[name] for name in BY_SOURCE}, code


def test_the_patterns_are_the_sources_own_but_for_the_one_that_looks_ahead(source):
    assert source["cdc_any_drug_undotted"] == ANY_DRUG
    for name, (id, _element) in BY_SOURCE.items():
        [test] = library()[id].criteria[0].every
        assert (test.pattern == source[name]) is (name != "cdc_any_drug_undotted")


def test_any_drug_without_lookahead_matches_the_same_codes():
    """Every code of T and two digits, then up to four characters of all kinds that the patterns tell apart."""
    [test] = library()["ed-any-drug-overdose"].criteria[0].every
    ours, theirs = re.compile(test.pattern), re.compile(ANY_DRUG)
    kinds = "0123456789XAD"
    ends = ["", *("".join(end) for length in (1, 2, 3) for end in product(kinds, repeat=length))]
    ends += ["".join(end) for end in product("0479", "15X", "1456", "AD")]
    codes = [f"T{category}{end}" for category in (*range(30, 52), 60) for end in ends]
    assert len(codes) > 50_000
    assert [code for code in codes if bool(ours.search(code)) != bool(theirs.search(code))] == []
    assert sum(bool(ours.search(code)) for code in codes) > 1_000


def test_ed_definitions_agree_with_the_lists_of_codes():
    for row in known_vocabularies()["icd10cm_opioid_poisoning"].rows:
        entry = f"diagnosis={row['code']}"
        is_case = row["encounter"] == "initial" and row["intent"] not in ("adverse_effect", "underdosing")
        assert bool(met("ed-opioid-overdose", entry)) is is_case, row
        assert bool(met("ed-any-drug-overdose", entry)) is is_case, row
        assert bool(met("ed-heroin-overdose", entry)) is (is_case and row["drug_group"] == "heroin"), row
    for row in known_vocabularies()["icd10cm_other_drug_poisoning_initial"].rows:
        is_case = row["intent"] not in ("adverse_effect", "underdosing")
        assert bool(met("ed-any-drug-overdose", f"diagnosis={row['code']}")) is is_case, row
        assert not met("ed-opioid-overdose", f"diagnosis={row['code']}"), row


def test_our_list_flags_what_the_source_flags():
    path = CODES / "icd10cm_opioid_poisoning.csv"
    if not path.exists():
        pytest.skip(f"{path} isn't here")
    with path.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            flag = row["in_cdc_discharge_guidance(intent1-4,initial)"] == "1"
            assert bool(met("ed-opioid-overdose", f"diagnosis={row['code']}")) is flag, row


def test_as_printed_takes_adverse_effects_that_anchored_leaves_out():
    adverse = "eSituation.11=T40.0X5A"
    assert met("ems-opioid-overdose-as-printed", adverse) == (Match("eSituation.11", "T40.0X5A"),)
    assert met("ems-opioid-overdose-anchored", adverse) == ()


def test_naloxone_counts_only_with_its_response_in_the_same_group():
    improved, unchanged = "eMedications.03=203192|9916001", "eMedications.03=203192|9916003"
    assert met("ems-opioid-overdose-anchored", improved) == (Match("eMedications.03", "203192|9916001"),)
    assert met("ems-opioid-overdose-anchored", unchanged) == ()
    assert met("ems-opioid-overdose-anchored", "eMedications.03=4603|9916001") == ()
    assert met("naloxone-as-proxy", unchanged)


def test_naloxone_stands_for_an_overdose_in_police_and_odmap_entries():
    proxy = library()["naloxone-as-proxy"]
    assert proxy.matches(Event("1", AT, naloxone=True)) == (Match("naloxone", "yes"),)
    assert met("naloxone-as-proxy", "naloxone=multiple")
    assert not met("naloxone-as-proxy", "naloxone=none")
    assert not proxy.matches(Event("1", AT, naloxone=False))


@pytest.mark.parametrize(
    ("codes", "drug", "opioid"),
    [
        (["underlying_cause=X42", "multiple_cause=T40.4"], True, True),
        (["underlying_cause=X42", "multiple_cause=T404"], True, True),
        (["underlying_cause=X44", "multiple_cause=T43.6"], True, False),
        (["underlying_cause=X44"], True, False),
        (["underlying_cause=I25.1", "multiple_cause=T40.4"], False, False),
        (["underlying_cause=R99"], False, False),
        (["multiple_cause=X42", "multiple_cause=T40.4"], False, False),
    ],
)
def test_deaths_count_by_underlying_and_multiple_cause(codes, drug, opioid):
    assert bool(met("death-drug-overdose", *codes)) is drug
    assert bool(met("death-opioid-overdose", *codes)) is opioid
