"""Protection against the attacker who holds several releases, and tries every table that agrees with all of them."""

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from throughline.policy.attack import audit
from throughline.policy.candidate import Candidate
from throughline.policy.frame import Differs, Frame, Labels, Release
from throughline.policy.history import NoTable, candidate_in
from throughline.policy.margins import Axes, Axis, with_margins
from throughline.policy.suppression import exposed, protect, protect_candidate

MINIMUM_CELL = 3
WARDS, MONTHS = ("north", "south"), ("jan", "feb", "mar")


def release_of(counts: np.ma.MaskedArray, *labels: tuple[str, ...]) -> Release:
    """A table with its sums, as it is published."""
    groups = tuple((*(frozenset({one}) for one in each), frozenset(each)) for each in labels)
    return Release(groups, counts)


def wanted_of(*labels: tuple[str, ...]) -> Release:
    return release_of(np.ma.masked_all([len(each) + 1 for each in labels], dtype=np.int64), *labels)


def released_first(counts: np.ndarray, *labels: tuple[str, ...], minimum_cell: int = MINIMUM_CELL) -> Release:
    return release_of(protect(counts, minimum_cell=minimum_cell).released, *labels)


def candidate_after(
    counts: np.ndarray, labels: Labels, wanted: Release, earlier: list[Release], *, minimum_cell: int
) -> tuple[Candidate, Frame]:
    frame = Frame.around([wanted, *earlier])
    return candidate_in(
        frame, counts, labels, wanted=wanted, earlier=earlier, minimum_cell=minimum_cell
    ), frame


def all_tables(axes: Axes, most: int) -> np.ndarray:
    """Every table of counts up to `most`, sums included."""
    shape = tuple(axis.labels for axis in axes)
    ones = np.eye(int(np.prod(shape)), dtype=np.int64)
    sums = np.array([with_margins(one.reshape(shape), axes) for one in ones])
    return np.tensordot(np.array(list(product(range(most + 1), repeat=len(ones)))), sums, axes=1)


def agreeing(tables: np.ndarray, known: np.ma.MaskedArray) -> np.ndarray:
    """Those of the tables that tell all that is known."""
    told = ~np.ma.getmaskarray(known)
    return tables[(tables[:, told] == known.filled(0)[told]).all(axis=1)]


def in_order_of(frame: Frame, counts: np.ndarray) -> np.ndarray:
    months = [MONTHS.index(month) for month in frame.labels[1]]
    return with_margins(counts[:, months], frame.axes)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(arrays(np.int64, (2, 3), elements=st.integers(0, 4)))
@example(
    np.array([[1, 1, 3], [1, 3, 3]])
)  # the solver can't tell from the last answer that nothing bounds a count
def test_months_that_roll_on_give_nothing_away(counts: np.ndarray) -> None:
    """January and February are published, then February and March."""
    earlier, wanted = released_first(counts[:, :2], WARDS, MONTHS[:2]), wanted_of(WARDS, MONTHS[1:])
    candidate, frame = candidate_after(
        counts[:, 1:], (WARDS, MONTHS[1:]), wanted, [earlier], minimum_cell=MINIMUM_CELL
    )
    protected = protect_candidate(candidate)
    true = in_order_of(frame, counts)
    possible = agreeing(all_tables(frame.axes, most=int(counts.max()) + 3), protected.released)
    assert (possible == true).all(axis=(1, 2)).any()
    small = (true > 0) & (true < MINIMUM_CELL)
    assert (possible.max(axis=0)[small] >= MINIMUM_CELL).all()
    assert (possible.min(axis=0)[small & frame.shown([wanted])] <= 1).all()


def test_without_the_history_they_do() -> None:
    """Each table is safe by itself. Whoever has both subtracts them."""
    counts = np.random.default_rng(1).poisson(12, (12, 3))
    wards = tuple(map(str, range(12)))
    alone = [
        released_first(counts[:, part], wards, MONTHS[part], minimum_cell=10)
        for part in (slice(0, 2), slice(1, 3))
    ]
    frame = Frame.around(alone)
    found = audit(frame.known(alone), frame.axes)
    assert (found.upper[frame.shown(alone) & np.ma.getmaskarray(frame.known(alone))] < 10).any()

    beside, _frame = candidate_after(
        counts[:, 1:], (wards, MONTHS[1:]), wanted_of(wards, MONTHS[1:]), alone[:1], minimum_cell=10
    )
    assert not exposed(protect_candidate(beside)).any()


class TestTheHistory:
    def test_a_place_that_left_the_table_is_not_worked_out(self) -> None:
        """All three wards together had 45; now two of them are told apart. Their sum would leave 4 for the third."""
        earlier = Release(((frozenset("abc"),),), np.ma.MaskedArray([45]))

        candidate, frame = candidate_after(
            np.array([20, 21]), (("a", "b"),), wanted_of(("a", "b")), [earlier], minimum_cell=10
        )

        released = protect_candidate(candidate).released[frame.where(wanted_of(("a", "b")))]
        assert np.ma.getmaskarray(released).sum() >= 2  # the sum, and one of the two

    def test_what_was_published_is_published_again(self) -> None:
        earlier = released_first(np.array([5, 20, 30]), ("a", "b", "c"), minimum_cell=10)

        candidate, frame = candidate_after(
            np.array([5, 20, 30]), (("a", "b", "c"),), wanted_of(("a", "b", "c")), [earlier], minimum_cell=10
        )

        again = protect_candidate(candidate).released[frame.where(earlier)]
        assert again.tolist() == earlier.counts.tolist()

    def test_a_count_that_changed_is_named(self) -> None:
        earlier = released_first(np.array([15, 20]), ("a", "b"), minimum_cell=10)

        with pytest.raises(Differs) as found:
            candidate_after(
                np.array([16, 20]), (("a", "b"),), wanted_of(("a", "b")), [earlier], minimum_cell=10
            )

        assert (found.value.groups, found.value.earlier, found.value.later) == ([frozenset("a")], 15, 16)

    def test_releases_that_leave_no_room_for_the_counts_are_refused(self) -> None:
        earlier = Release(((frozenset("abc"),),), np.ma.MaskedArray([30]))

        with pytest.raises(NoTable):
            candidate_after(
                np.array([20, 21]), (("a", "b"),), wanted_of(("a", "b")), [earlier], minimum_cell=10
            )

    def test_two_releases_that_differ_are_no_one_table(self) -> None:
        one, other = (Release(((frozenset("a"),),), np.ma.MaskedArray([count])) for count in (5, 6))

        with pytest.raises(Differs):
            Frame.around([one, other]).known([one, other])

    def test_what_earlier_releases_give_away_is_found(self) -> None:
        """The 4 is public by subtraction before anything is added."""
        earlier = Release(((frozenset("a"), frozenset("ab")),), np.ma.MaskedArray([20, 24]))

        candidate, _frame = candidate_after(
            np.array([20, 4]), (("a", "b"),), wanted_of(("a", "b")), [earlier], minimum_cell=10
        )

        assert exposed(protect_candidate(candidate)).any()


class TestGroups:
    """Wards in two districts: districts have sums too."""

    AXES = (Axis(4, (frozenset({0, 1}), frozenset({2, 3}))),)

    def test_a_district_hides_its_small_ward_within_itself(self) -> None:
        released = protect([4, 30, 40, 50], self.AXES).released

        assert released.tolist() == [None, None, 40, 50, 34, 90, 124]

    def test_a_small_district_is_withheld_with_another(self) -> None:
        protected = protect([4, 3, 40, 50], self.AXES)

        assert protected.released[4] is np.ma.masked
        assert not exposed(protected).any()

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(arrays(np.int64, (4,), elements=st.integers(0, 5)))
    def test_no_table_with_overlapping_groups_gives_a_small_count_away(self, counts: np.ndarray) -> None:
        """Age bands overlap: 0-1, 1-2 and 2-3."""
        axes = (Axis(4, (frozenset({0, 1}), frozenset({1, 2}), frozenset({2, 3}))),)
        protected = protect(counts, axes, minimum_cell=MINIMUM_CELL)
        possible = agreeing(all_tables(axes, most=int(counts.max()) + 3), protected.released)
        assert (possible.min(axis=0)[protected.primary] <= 1).all()
        assert (possible.max(axis=0)[protected.withheld] >= MINIMUM_CELL).all()
