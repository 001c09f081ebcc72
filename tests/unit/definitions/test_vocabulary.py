"""A code list is read whole or not at all; a definition is resolved against the version that it is given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.definitions import library, parse_definition, shipped_documents
from throughline.definitions.vocabulary import known_vocabularies, read_vocabulary
from throughline.definitions.vocabulary_table import VocabularyError

HEADER = "code,label,intent,source,dated,certainty\n"
X40 = 'X40,"Poisoning, accidental",unintentional,NCHS,2026-11-22,verified\n'
COLUMNS = ("code", "label", "intent", "source", "dated", "certainty")


def faults(text: str) -> list[str]:
    with pytest.raises(VocabularyError) as error:
        read_vocabulary("causes", text, columns=COLUMNS, file="causes.csv")
    return list(error.value.faults)


def test_a_list_is_its_rows_and_the_newest_day_they_state():
    text = "\ufeff" + HEADER + X40 + "Y12,Undetermined,,NCHS,2027-01-01,local\r\n"
    read = read_vocabulary("causes", text, columns=COLUMNS, version=4)
    assert read.codes() == {"X40", "Y12"}
    assert read.codes({"intent": ["unintentional"]}) == {"X40"}
    assert (read.version, read.dated, read.columns) == (4, "2027-01-01", COLUMNS)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("X41,y\n", "causes.csv, row 3: found 2 values, expected 6."),
        (
            "X41,y,,NCHS,22.11.2026,verified\n",
            "causes.csv, row 3, field dated: found '22.11.2026', expected a day such as 2026-11-22.",
        ),
        (
            "X41,y,,NCHS,2026-11-22,sure\n",
            "causes.csv, row 3, field certainty: found 'sure', expected one of verified, reconstructed, local.",
        ),
        (",y,,NCHS,2026-11-22,local\n", "causes.csv, row 3, field code: found '', expected something."),
        (X40, "causes.csv, row 3, field code: found 'X40', expected a code that row 2 lacks."),
        (
            'X41,"two\nlines",,NCHS,2026-11-22,local\n',
            "causes.csv, row 3, field label: found 'two\\nlines', expected at most 1000 characters in one line.",
        ),
    ],
)
def test_a_bad_row_is_named_with_field_value_and_what_was_expected(row, told):
    assert faults(HEADER + X40 + row) == [told]


def test_all_faults_are_told_at_once():
    assert len(faults(HEADER + ",,,NCHS,never,sure\n" + "X41\n")) == 5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "causes.csv, row 1: found the columns ''"),
        (HEADER, "found no row below the header"),
        ("code,label,source,dated,certainty\n", "expected code, label, intent, source, dated, certainty"),
        (HEADER.replace("code", "code,more") + X40, "found the columns 'code, more, label"),
        (HEADER + 'X41,"open', "expected a table in CSV"),
    ],
)
def test_a_table_without_the_columns_of_the_list_it_replaces_is_refused(text, told):
    assert told in faults(text)[0]


@given(st.text(max_size=300))
def test_no_text_is_read_but_as_a_list_or_with_faults(text):
    try:
        assert read_vocabulary("causes", HEADER + text).rows
    except VocabularyError as error:
        assert error.faults


def test_a_definition_is_resolved_against_the_lists_it_is_given_and_says_their_versions():
    shipped = known_vocabularies()
    causes = shipped["icd10_underlying_drug_poisoning"]
    fewer = read_vocabulary(causes.id, HEADER + X40, columns=causes.columns, version=2)
    document = shipped_documents()["death-drug-overdose", 1]
    narrower = parse_definition(document, {**shipped, causes.id: fewer})
    assert narrower.vocabularies == [("icd10_underlying_drug_poisoning", 2)]
    assert library()["death-drug-overdose"].vocabularies == [("icd10_underlying_drug_poisoning", 1)]
    assert next(narrower.tests).codes == {"X40"}
    assert library()["ed-opioid-overdose"].vocabularies == []
