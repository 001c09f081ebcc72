"""Protection against those who sent a part of the table and take it off, by all tables that agree with what is left."""

from functools import cache
from itertools import product

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from throughline.policy.contributors import protect_from_contributors
from throughline.policy.margins import with_margins
from throughline.policy.suppression import protect

MINIMUM_CELL = 3


@cache
def all_tables() -> np.ndarray:
    """Every table of 2 x 2 counts up to 13, sums included."""
    ones = [with_margins(one.reshape(2, 2)) for one in np.eye(4, dtype=np.int64)]
    return np.tensordot(np.array(list(product(range(14), repeat=4))), np.array(ones), axes=1)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(arrays(np.int64, (2, 2, 2), elements=st.integers(0, 5)))
def test_no_contributor_learns_a_small_count_of_the_others(sent: np.ndarray) -> None:
    protected = protect_from_contributors(protect(sent.sum(axis=0), minimum_cell=MINIMUM_CELL), sent)
    told = protected.published
    tables = all_tables()
    for own in sent:
        others = with_margins(sent.sum(axis=0) - own)
        possible = tables[(tables[:, told] == others[told]).all(axis=1)]
        small = (others > 0) & (others < MINIMUM_CELL)
        assert not (small & told).any()
        assert (possible.min(axis=0)[small] <= 1).all()
        assert (possible.max(axis=0)[small] >= MINIMUM_CELL).all()


def test_a_count_that_one_contributor_dominates_is_withheld() -> None:
    """Of 43 in the first place, one sent 40. That agency would know the other 3."""
    sent = [np.array([40, 30, 20]), np.array([3, 20, 30])]

    protected = protect_from_contributors(protect(sum(sent)), sent)

    assert protected.released.tolist()[:3].count(None) == 2
    assert protected.released.tolist()[0] is None
    assert protected.primary.tolist() == [True, False, False, False]
    assert not (protected.primary & protected.complementary).any()
