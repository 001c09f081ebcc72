import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from throughline.science.trailing import trailing_moments


@given(
    counts=arrays(np.int64, st.tuples(st.integers(1, 3), st.integers(1, 30)), elements=st.integers(0, 1000)),
    days=st.integers(2, 10),
    guard=st.integers(0, 4),
)
def test_moments_are_those_of_the_slice_before_the_guard(counts, days, guard):
    mean, variance = trailing_moments(counts, days=days, guard=guard, minimum_days=2)
    for day in range(counts.shape[1]):
        window = counts[:, max(0, day - guard - days) : max(0, day - guard)]
        if window.shape[1] < 2:
            assert np.isnan(mean[:, day]).all()
            assert np.isnan(variance[:, day]).all()
        else:
            assert mean[:, day] == pytest.approx(window.mean(axis=1))
            assert variance[:, day] == pytest.approx(window.var(axis=1, ddof=1))


def test_one_series_keeps_its_shape():
    mean, variance = trailing_moments(np.arange(10), days=3, guard=1, minimum_days=3)
    assert mean.shape == variance.shape == (10,)
