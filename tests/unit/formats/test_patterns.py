"""Patterns for substances end soon, however long a text is, and still find what stands in it."""

import re
from time import process_time

import pytest

from throughline.formats.cells import TextCompiler
from throughline.formats.proposal.substances import PATTERNS
from throughline.formats.rules import Source, SubstanceText
from throughline.formats.shipped import shipped_mapping
from throughline.formats.values import substance_reader

SHIPPED = {
    f"{name} {' '.join(text['columns'][0])} {substance}": pattern
    for name in ("fhir", "ije", "odmap")
    for text in shipped_mapping(name)["substance_texts"]
    for substance, pattern in text["patterns"].items()
}
PROPOSED = {f"proposed {substance}": pattern for substance, pattern in PATTERNS.items()}


def found(pattern: str, written: str) -> tuple[str, ...]:
    rule = SubstanceText(Source((("text",),)), {"benzodiazepine": re.compile(pattern, re.IGNORECASE)})
    return substance_reader((), (rule,), TextCompiler(["text"], frozenset({""})))([written])


@pytest.mark.parametrize("name", [*SHIPPED, *PROPOSED])
def test_the_product_s_own_patterns_take_no_longer_than_the_text_is_long(name: str) -> None:
    search = re.compile((SHIPPED | PROPOSED)[name], re.IGNORECASE).search
    begun = process_time()
    assert search("A" * 100_000) is None
    assert search("4-" * 50_000) is None
    search("fluoro" * 20_000)
    assert process_time() - begun < 5


def test_a_pattern_of_an_agency_is_held_to_pieces_of_a_text_that_nobody_wrote() -> None:
    begun = process_time()
    assert found(r"\w+zolam\b", "A" * 100_000) == ()
    assert process_time() - begun < 20


@pytest.mark.parametrize("at", [0, 1_795, 1_999, 2_000, 9_994, 25_000])
def test_nothing_is_missed_in_a_long_text(at: int) -> None:
    written = "x " * (at // 2) + "midazolam" + " y" * 15_000
    assert found(r"\w+zolam\b", written) == ("benzodiazepine",)


@pytest.mark.parametrize(
    ("drug", "substance"),
    [
        ("Isotonitazene", "nitazene"),
        ("N-Pyrrolidino Etonitazene", "nitazene"),
        ("para-fluorofentanyl", "fentanyl_analogue"),
        ("Fluoroisobutyryl fentanyl", "fentanyl_analogue"),
        ("ALPRAZOLAM", "benzodiazepine"),
        ("clonazepam", "benzodiazepine"),
        ("phenobarbital", "barbiturate"),
    ],
)
def test_names_that_only_end_alike_are_found(drug: str, substance: str) -> None:
    pattern = shipped_mapping("fhir")["substance_texts"][0]["patterns"][substance]
    assert re.search(pattern, drug, re.IGNORECASE)
