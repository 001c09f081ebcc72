"""The records of one person are found, in one file or between two."""

import random

import pytest
from linked import f1, one_register, true_pairs, two_registers

from throughline.science.linkage.certain import certain
from throughline.science.linkage.fields import fields_of
from throughline.science.linkage.linking import NothingToCompareError, link


def test_in_one_list_of_simulated_people():
    register = one_register(people=150, records=330, seed=1)
    found = {(a, b) for a, b, _ in link([register.columns])}
    assert f1(found, true_pairs(register.person)) > 0.98


def test_between_two_lists_of_simulated_people():
    a, b = two_registers(people=200, shared=100, seed=2)
    found = {(one, other) for one, other, _ in link([a.columns, b.columns])}
    assert f1(found, {(row, row) for row in range(100)}) > 0.97


def test_a_higher_probability_is_asked_of_fewer_pairs():
    register = one_register(people=80, records=160, seed=3)
    all_, some = (link([register.columns], least=least) for least in (0.5, 0.99))
    assert some == [pair for pair in all_ if pair[2] >= 0.99] != all_


def test_the_same_files_give_the_same_pairs():
    register = one_register(people=60, records=120, seed=4)
    assert link([register.columns]) == link([register.columns])


def test_few_records_that_agree_on_name_and_birthday_need_no_weighing():
    columns = {"first_name": ["Ann", "Bob", "ann"], "surname": ["Lee"] * 3, "dob": ["1980-01-02"] * 3}
    assert [(a, b) for a, b, _ in link([columns])] == [(0, 2)]


def test_a_number_alone_is_not_enough_to_be_certain():
    fields = fields_of({"ssn": ["1", "1"], "dob": ["1980-01-02", "1980-01-02"], "surname": ["Lee", "Ray"]})
    assert certain(fields).a.tolist() == []


def test_columns_are_matched_by_what_they_say_not_by_their_names():
    a = {"given_name": ["Ann"], "surname": ["Lee"], "dob": ["1980-01-02"]}
    b = {"Birth Date": ["01/02/1980", "12/31/1990"], "last_name": ["lee", "ray"], "fname": ["ann", "bo"]}
    assert [(one, other) for one, other, _ in link([a, b])] == [(0, 0)]


@pytest.mark.parametrize(
    "columns",
    [{"ward": ["1"]}, {"given_name": ["Ann"], "surname": ["Lee"]}, {"city": ["Hull"]}],
    ids=", ".join,
)
def test_names_alone_do_not_tell_people_apart(columns):
    with pytest.raises(NothingToCompareError):
        link([columns])


def test_a_column_without_any_value_is_as_good_as_none():
    with pytest.raises(NothingToCompareError):
        link([{"given_name": ["Ann"], "surname": ["Lee"], "dob": [None]}])


@pytest.mark.parametrize("seed", range(2))
def test_small_files_of_nonsense_are_linked_without_complaint(seed):
    """Few values, many gaps: training may find that matches never differ in some way."""
    rng = random.Random(seed)
    values = {"given_name": "ab", "surname": "xyz", "dob": ["1980-01-01", "1980-02-30", "junk"], "ssn": "123"}
    columns = {name: [rng.choice([*some, None]) for _ in range(60)] for name, some in values.items()}
    assert all(a < b and least >= 0.5 for a, b, least in link([columns]))
