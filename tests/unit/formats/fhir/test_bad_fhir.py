"""Broken and hostile FHIR is set aside or refused, with the place of the fault."""

import json
import random
from typing import Any

import pytest
from death_records import ReadFhir, certificate, observation

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected, UnreadableFile
from throughline.formats.limits import Limits

GOOD = json.dumps(certificate()).encode()


def test_broken_json_is_refused_with_line_and_column(read_fhir: ReadFhir) -> None:
    with pytest.raises(UnreadableFile, match=r"line 3, column 12: the JSON is broken, found 'electronic'"):
        read_fhir(b'{"resourceType": "Bundle",\n "id": "x",\n  "code" : electronic,\n "type": 1}')


def test_a_broken_document_among_good_ones_is_set_aside_whole(read_fhir: ReadFhir) -> None:
    broken = b'{"resourceType": "Bundle", "type": document}'
    first, second, third = read_fhir(GOOD, broken, GOOD)
    assert isinstance(first, Event)
    assert isinstance(third, Event)
    assert isinstance(second, Rejected)
    assert (second.row, second.field, second.value) == (2, "line 2, column 36", "document")
    assert second.raw == {"(document)": broken.decode()}


def changed(*path: Any, to: Any) -> bytes:
    document = certificate()
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("document", "field", "expected"),
    [
        (changed("entry", to={}), "Bundle.entry", "a list"),
        (changed("entry", 3, "resource", to="x"), "Bundle.entry[3].resource", "an object"),
        (changed("entry", 3, "resource", to=[]), "Bundle.entry[3].resource", "an object"),
        (changed("entry", 3, to=None), "Bundle.entry[3].resource.resourceType", "a type of resource"),
        (
            changed("entry", 2, "resource", "valueDateTime", to=True),
            "Bundle.entry[2].resource.valueDateTime",
            "a text or a number",
        ),
        (
            changed("entry", 3, "resource", "valueCodeableConcept", to=7),
            "Bundle.entry[3].resource.valueCodeableConcept",
            "an object",
        ),
        (changed("identifier", to=[]), "Bundle.identifier", "an object"),
        (
            changed("identifier", "value", to=None),
            "Bundle.identifier.value",
            "year, state and certificate number",
        ),
    ],
)
def test_a_wrong_type_is_set_aside_with_its_path(
    read_fhir: ReadFhir, document: bytes, field: str, expected: str
) -> None:
    _, rejected = read_fhir(GOOD, document)
    assert rejected.field == field
    assert rejected.expected.startswith(expected)


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (b'{"resourceType": "Bundle", "type": "a", "type": "b"}', "the name 'type' twice"),
        (b'{"resourceType": "Bundle", "total": NaN}', "NaN"),
        (b'{"resourceType": "Bundle", "id": "\\ud83d"}', "half of a surrogate pair"),
        (b'{"resourceType": "Bundle", "id": "caf\xe9"}', "byte 0xe9"),
        (b'{"resourceType": "Bundle", "id": "a\0b"}', ""),
        (b'{"resourceType": "Bundle"]', ""),
    ],
)
def test_what_no_json_should_hold_is_set_aside(read_fhir: ReadFhir, document: bytes, found: str) -> None:
    _, rejected = read_fhir(GOOD, document)
    assert rejected.reason == Reason.BROKEN_JSON
    assert found in rejected.value


def test_a_nul_in_a_text_is_set_aside(read_fhir: ReadFhir) -> None:
    [rejected] = read_fhir(changed("entry", 1, "resource", "gender", to="fe\0male"))
    assert rejected.reason == Reason.CONTROL_CHARACTER


@pytest.mark.parametrize("number", [b"1" * 10_000, b"1e999999999", b"-0.0"])
def test_numbers_of_any_size_are_only_text(read_fhir: ReadFhir, number: bytes) -> None:
    aged = certificate(observation("39016-1", valueQuantity={"value": "AGE"}))
    [event] = read_fhir(json.dumps(aged).encode().replace(b'"AGE"', number))
    assert event.age in (None, 0)


@pytest.mark.parametrize("mark", [b"[", b'{"a":'])
def test_deep_nesting_is_refused(read_fhir: ReadFhir, mark: bytes) -> None:
    with pytest.raises(UnreadableFile, match="nests deeper than 100 levels"):
        read_fhir(mark * 1_000_000)


def test_a_document_that_never_ends_is_refused_in_bounded_memory(read_fhir: ReadFhir) -> None:
    with pytest.raises(UnreadableFile, match="line 2 has a document of more than 1 MB"):
        read_fhir(GOOD, b'{"text": "' + b"x" * 5_000_000, limits=Limits(json_record=1_048_576))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "the file is empty"),
        (b" \n\n ", "the file holds no document"),
        (b"[]", "the file holds no document"),
        (b'{"resourceType": "Bundle"', "line 1 has a document that never ends"),
        (b"[" + GOOD, "line 1 has a list that never ends"),
        (b"date,place\n", "line 1 has 'date' outside of a document"),
        (GOOD + b"\n}", r"line 2 has } outside of a document"),
        (b'\n"only a text"', "line 2 has '\"only' outside of a document"),
        (b"\xff\xfe{\0", "outside of a document"),
        (b"\0" * 100, "outside of a document"),
    ],
)
def test_what_is_no_json_is_refused_with_its_line(read_fhir: ReadFhir, content: bytes, found: str) -> None:
    with pytest.raises(UnreadableFile, match=found):
        read_fhir(content)


def test_mutated_documents_never_break_the_reader(read_fhir: ReadFhir) -> None:
    """Bytes are changed, removed and doubled; each result is read, set aside or refused, and nothing else."""
    chance = random.Random(20261122)
    for _ in range(400):
        text = bytearray(GOOD)
        for _change in range(chance.randint(1, 6)):
            position = chance.randrange(len(text))
            length = chance.choice((0, 1, 1, 12))
            text[position : position + length] = chance.choice(
                (b"", b"\xff", b'"', b"{", b"]", b"\\", b"9", b"null")
            )
        try:
            outcomes = read_fhir(bytes(text))
        except UnreadableFile:
            continue
        assert all(isinstance(outcome, Event | Rejected) for outcome in outcomes)
