"""Columns are known by their names, else by what they hold; values are written alike."""

import pytest

from throughline.science.linkage.fields import Field, Kind, fields_of, kinds_of


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("given_name", Kind.GIVEN_NAME),
        ("First Name", Kind.GIVEN_NAME),
        ("LAST_NAME", Kind.SURNAME),
        ("dob", Kind.BIRTH),
        ("date of birth", Kind.BIRTH),
        ("soc_sec_id", Kind.NUMBER),
        ("address_2", Kind.ADDRESS),
        ("Zip Code", Kind.POSTCODE),
        ("suburb", Kind.CITY),
        ("e-mail", Kind.EMAIL),
        ("gender", Kind.SEX),
    ],
)
def test_a_column_is_known_by_its_name(column, kind):
    assert kinds_of({column: []}) == {column: kind}


@pytest.mark.parametrize("column", ["rec_id", "cluster", "county_of_death", "admitted_on", "named"])
def test_what_does_not_tell_people_apart_is_left_out(column):
    assert kinds_of({column: ["2026-03-01", "2026-03-02"]}) == {}


def test_a_column_of_e_mail_addresses_is_known_by_what_it_holds():
    assert kinds_of({"contact": ["a@example.org", None, "b@example.org"]}) == {"contact": Kind.EMAIL}


def test_two_addresses_are_two_fields():
    assert list(fields_of({"address_1": ["1 High St"], "address_2": ["Flat 3"]})) == [
        Field(Kind.ADDRESS),
        Field(Kind.ADDRESS, 2),
    ]


def test_capitals_and_spaces_make_no_difference():
    assert fields_of({"name": ["  Ann   LEE ", "", None]}) == {Field(Kind.NAME): ["ann lee", None, None]}


@pytest.mark.parametrize(
    ("written", "days"),
    [
        (["1980-12-31", "1981-01-02"], ["1980-12-31", "1981-01-02"]),
        (["19801231", "19811399"], ["1980-12-31", "19811399"]),
        (["12/31/1980", "01/02/1981"], ["1980-12-31", "1981-01-02"]),
        (["31/12/1980", "01/02/1981"], ["1980-12-31", "1981-02-01"]),
    ],
)
def test_days_are_read_in_the_notation_that_most_of_them_have(written, days):
    assert fields_of({"dob": written}) == {Field(Kind.BIRTH): days}


def test_numbers_are_digits():
    assert fields_of({"ssn": ["123-45-6789"]}) == {Field(Kind.NUMBER): ["123456789"]}
