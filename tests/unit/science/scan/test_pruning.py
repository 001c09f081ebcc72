"""However much a search may pass over, it never passes over the likeliest window.

How much that is depends on the largest statistic so far, in steps. Here the step is set just below the largest around
each centre, so that whatever is passed over wrongly is missed.
"""

import numpy as np
import pytest
from random_scans import in_space, in_space_and_time, in_time
from scan_by_definition import Recording

from throughline.science.scan import prepared
from throughline.science.scan.statistic import expected_limits

JUST_BELOW = 1 - 1e-7


class Told(Recording):
    """Keeps what replicates are searched with too."""

    def __call__(self, task, parts):
        self.search = task.search
        return super().__call__(task, parts)


def with_every_level_at(level):
    def limits(levels, largest, totals, population, sign):
        return np.repeat(
            expected_limits(np.array([level]), largest, totals, population, sign), len(levels), axis=0
        )

    return limits


def data_set_of(table, search):
    if search.span is None:
        return table[:, 0]
    place, interval = (np.repeat(index, table[table > 0]) for index in np.nonzero(table))
    return place, table.shape[1] - 1 - interval


def check_each_centre(example, monkeypatch, replicates):
    told = Told(example.table.shape)
    example.ask(seed=1, replicates=replicates, run=told)
    for table in told.tables:
        data_set = data_set_of(table, told.search)
        for centre in range(example.definition.kilometres.shape[1]):
            windows = example.replicated.likeliest_of(centre, table)
            if not windows:
                continue
            largest = max(window.statistic for window in windows)
            prepared._limits.cache_clear()
            monkeypatch.setattr(prepared, "expected_limits", with_every_level_at(largest * JUST_BELOW))
            found = {one.centre: one for one in told.search.best_by_centre(data_set, largest * JUST_BELOW)}
            assert found[centre].statistic == pytest.approx(largest, rel=1e-8)


@pytest.fixture(autouse=True)
def _limits_of_their_own():
    yield
    prepared._limits.cache_clear()


@pytest.mark.parametrize("seed", range(500, 520))
@pytest.mark.parametrize("make", [in_space, in_time, in_space_and_time])
def test_the_likeliest_window_around_each_centre_is_not_passed_over(make, seed, monkeypatch):
    check_each_centre(make(seed), monkeypatch, replicates=3)
