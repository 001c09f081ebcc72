"""Has the mix of codes changed, and by which code? Worked examples."""

import pytest

from throughline.science.drift import RARE, appeared, mix_drift

LAST_YEAR = {"fatal": 100, "nonfatal": 800, "unknown": 100}


def test_the_same_mix_in_fewer_records_has_not_changed():
    drift = mix_drift(LAST_YEAR, {"fatal": 10, "nonfatal": 80, "unknown": 10})
    assert drift.divergence == 0
    assert drift.p_value == pytest.approx(1)


def test_unknown_outcomes_that_rise_from_a_tenth_to_a_third_are_named_first():
    drift = mix_drift(LAST_YEAR, {"fatal": 9, "nonfatal": 58, "unknown": 33})
    assert drift.p_value < 1e-9
    assert drift.divergence == pytest.approx(0.0597 - 0.0040, abs=0.0002)  # less what chance adds
    first = drift.shifts[0]
    assert (first.value, first.reference, first.latest) == ("unknown", 100, 33)
    assert first.residual == pytest.approx(6.73, abs=0.01)


def test_two_mixes_with_nothing_in_common_lie_one_bit_apart_less_what_chance_gives():
    drift = mix_drift({"T40.1": 5000}, {"T40.4": 5000})
    assert drift.divergence == pytest.approx(1, abs=1e-4)


def test_values_too_rare_to_compare_are_compared_together():
    drift = mix_drift({"heroin": 100, "a": 3, "b": 4, "c": 2}, {"heroin": 50, "d": 4, "e": 5, "f": 2})
    assert {shift.value: (shift.reference, shift.latest) for shift in drift.shifts} == {
        "heroin": (100, 50),
        RARE: (9, 11),
    }


def test_too_few_records_do_not_tell():
    assert mix_drift({"fatal": 3, "nonfatal": 5}, {"nonfatal": 4}) is None
    assert mix_drift(LAST_YEAR, {}) is None


def test_a_code_that_nobody_had_sent_before_is_named():
    assert appeared({"T40.1": 900}, {"T40.1": 80, "T43.9": 12, "T51.0": 4, "T40.49": 7}) == [
        "T43.9",
        "T40.49",
    ]


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="A count is negative"):
        mix_drift({"fatal": -1}, {"fatal": 2})
