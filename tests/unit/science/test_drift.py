"""Drift of a mix: what holds for any counts, and how it behaves where nothing changed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency

from throughline.science.drift import RARE, jensen_shannon, mix_drift

MIXES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 500))
MANY = st.lists(st.integers(20, 500), min_size=4, max_size=4)


@given(MANY, MANY)
def test_it_agrees_with_the_reference_implementations(first, second):
    drift = mix_drift(dict(zip("abcd", first, strict=True)), dict(zip("abcd", second, strict=True)))
    assert drift.p_value == pytest.approx(chi2_contingency([first, second]).pvalue, rel=1e-9, abs=1e-300)
    assert jensen_shannon(np.array(first, float), np.array(second, float)) == pytest.approx(
        jensenshannon(first, second, base=2) ** 2, abs=1e-12
    )


@given(MIXES, MIXES)
def test_whatever_is_compared_the_answer_is_in_range_and_invents_nothing(reference, latest):
    drift = mix_drift(reference, latest)
    if drift is None:
        return
    assert 0 <= drift.divergence <= 1
    assert 0 <= drift.p_value <= 1
    for shift in drift.shifts:
        if shift.value != RARE:
            assert (shift.reference, shift.latest) == (
                reference.get(shift.value, 0),
                latest.get(shift.value, 0),
            )
    assert sum(shift.latest for shift in drift.shifts) == sum(latest.values())
    assert sum(shift.reference for shift in drift.shifts) == sum(reference.values())


@given(MIXES, MIXES)
def test_the_order_of_the_periods_only_turns_the_signs(reference, latest):
    there, back = mix_drift(reference, latest), mix_drift(latest, reference)
    assert (there is None) == (back is None)
    if there and back:
        assert there.divergence == pytest.approx(back.divergence, abs=1e-12)
        assert there.p_value == pytest.approx(back.p_value, abs=1e-12)
        signs = {shift.value: shift.residual for shift in back.shifts}
        assert all(shift.residual == pytest.approx(-signs[shift.value], abs=1e-9) for shift in there.shifts)


def test_where_nothing_changed_alarms_are_as_rare_as_promised_and_small_samples_look_alike():
    chance = np.random.default_rng(7)
    mix = [0.5, 0.3, 0.12, 0.05, 0.03]
    found = [
        mix_drift(
            dict(zip("abcde", chance.multinomial(900, mix).tolist(), strict=True)),
            dict(zip("abcde", chance.multinomial(120, mix).tolist(), strict=True)),
        )
        for _ in range(2000)
    ]
    below = np.mean([drift.p_value < 0.01 for drift in found])
    assert 0.004 < below < 0.018
    assert np.mean([drift.divergence for drift in found]) < 0.002
