"""What a text denies, remembers, or says of others doesn't count; what it says of the patient now does."""

from datetime import UTC, datetime

import pytest

from throughline.definitions import Match, library
from throughline.definitions.context import known_rules, remaining_text
from throughline.definitions.folding import folded_text
from throughline.formats.event import Event

AT = datetime(2026, 3, 1, tzinfo=UTC)
ED = library()["ed-opioid-overdose-text"]


def is_case(text: str, **facts) -> bool:
    return bool(ED.matches(Event("1", AT, texts=(f"chief_complaint={text}",), **facts)))


@pytest.mark.parametrize(
    "text",
    [
        "unresponsive, denies heroin",
        "syncope, denies alcohol, heroin, fentanyl or pills",
        "etoh intoxication, no narcan given",
        "Narcan given for unknown unresponsive",
        "unresponsive, narcan without effect, stroke alert",
        "hx of heroin use, now intoxicated on alcohol",
        "syncope after broken leg, given fentanyl for pain by EMS",
        "fentanyl 50 mcg IV for pain, then lethargic",
        "panic attack, brother overdosed on heroin",
        "overdosed on heroin 3 months ago, cough",
        "wants narcan kit after overdose training",
        "overdose of tylenol",
        "unresponsive, allergic to codeine",
        "OD foreign body, takes tramadol",
    ],
)
def test_no_case(text):
    assert not is_case(text)


@pytest.mark.parametrize(
    "text",
    [
        "denies SI, overdosed on heroin",
        "denies drug use but heroin found, unresponsive",
        "hx of heroin use, overdosed on fentanyl tonight",
        "brother found pt unresponsive, heroin",
        "not breathing, heroin",
        "heroin overdose, no response to narcan",
        "given narcan by bystander, now alert",
        "pt OD’d on fentanyl",
        "OVERDOSE\nHEROIN",
    ],
)
def test_a_case(text):
    assert is_case(text)


def test_the_reason_is_told_in_words_not_in_the_text():
    found = ED.matches(Event("1", AT, texts=("chief_complaint=Jane Roe, heroin OD",)))
    assert found == (Match("chief_complaint", "heroin"), Match("chief_complaint", "od"))


def test_words_may_stand_in_different_fields_of_one_event():
    event = Event("1", AT, texts=("chief_complaint=unresponsive", "triage_notes=used heroin"))
    assert [match.field for match in ED.matches(event)] == ["triage_notes", "chief_complaint"]


def test_a_discharge_code_counts_whatever_the_text_says():
    assert is_case("denies heroin", codes=("diagnosis=T40.1X1A",))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("denies heroin. overdose", " ; . overdose"),
        ("denies heroin but took fentanyl", " ;   ; but  ; took fentanyl"),
    ],
)
def test_a_denial_reaches_to_the_end_of_its_statement(text, left):
    steps = known_rules()["wording"] + known_rules()["negation"]
    assert remaining_text(text, steps) == left


@pytest.mark.parametrize(
    ("text", "folded"),
    [("A\t\nB  c", "a b c"), ("od’d", "od'd"), ("é", " "), ("", ""), ("\u0130\u212a", " ")],
)
def test_folded_texts_are_plain_ascii(text, folded):
    assert folded_text(text) == folded
