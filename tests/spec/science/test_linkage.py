"""Whose records are these? Worked examples of linkage, openly and by encodings."""

import pytest

from throughline.science.linkage.dice import link_encodings, similarities
from throughline.science.linkage.encoding import encodable, encode
from throughline.science.linkage.linking import link


def test_records_that_agree_on_names_and_birthday_are_of_one_person():
    agency = {
        "given_name": ["Ann", "Bob", "Eve"],
        "surname": ["Lee", "Ray", "Fox"],
        "dob": ["1980-01-02", "1971-03-04", "1960-05-06"],
    }
    hospital = {
        "Last Name": ["FOX", "LEE"],
        "First Name": ["EVE", "ANN"],
        "Birth Date": ["05/06/1960", "12/31/1980"],
    }
    ((row, other, probability),) = link([agency, hospital])
    assert (row, other) == (2, 0)  # Ann Lee was born on two days: with so few records, that can't be weighed
    assert probability > 0.99


def test_encodings_stay_alike_where_names_changed_places_and_a_letter_is_wrong():
    columns = {
        "given_name": ["Marisol", "Montalvo", "Hana"],
        "surname": ["Montalvo", "Marisal", "Whitlow"],
        "dob": ["1984-07-09", "1984-07-09", "1962-11-30"],
    }
    bits = encode(encodable(columns), bytes(32)).bits
    assert similarities(bits[:1], bits[1:2])[0] == pytest.approx(0.93, abs=0.02)
    assert similarities(bits[:1], bits[2:])[0] < 0.6


def test_only_who_has_the_same_key_finds_the_person():
    fields = encodable({"name": ["Marisol Montalvo"], "dob": ["1984-07-09"]})
    mine, yours, others = encode(fields, b"k" * 32), encode(fields, b"k" * 32), encode(fields, b"x" * 32)
    assert link_encodings(mine, yours, least=0.72) == [(0, 0, 1.0)]
    assert link_encodings(mine, others, least=0) == []
