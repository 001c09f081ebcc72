"""Protection against the attacker who tries every table that agrees with what was published."""

from itertools import product

import highspy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from throughline.policy import suppression
from throughline.policy.alternatives import Alternatives
from throughline.policy.attack import audit
from throughline.policy.margins import margin_equations, plain_axes, with_margins
from throughline.policy.proof import Proof
from throughline.policy.suppression import exposed, protect

MOST_PARTIAL_TABLES = 50_000


def possible_tables(released: np.ma.MaskedArray, most: int) -> np.ndarray:
    """Every table (margins included) of counts up to `most` that agrees with all published cells.

    Grown cell by cell; a partial table is dropped as soon as a published sum can no longer come out.
    """
    inner = tuple(size - 1 for size in released.shape)
    cells = list(np.ndindex(inner))
    published = [where for where in np.ndindex(released.shape) if released[where] is not np.ma.masked]
    parts = {where: [k for k, cell in enumerate(cells) if is_part(cell, where, inner)] for where in published}
    tables = np.zeros((1, 0), dtype=np.int64)
    for k in range(len(cells)):
        if len(tables) > MOST_PARTIAL_TABLES:
            reject()
        tables = np.column_stack([np.repeat(tables, most + 1, 0), np.tile(np.arange(most + 1), len(tables))])
        for where in (where for where in published if k in parts[where]):
            so_far = tables[:, [part for part in parts[where] if part <= k]].sum(axis=1)
            fits = so_far == released[where] if max(parts[where]) == k else so_far <= released[where]
            tables = tables[fits]
    return np.array([with_margins(table.reshape(inner)) for table in tables])


def is_part(cell: tuple[int, ...], where: tuple[int, ...], inner: tuple[int, ...]) -> bool:
    return all(position in (index, size) for position, index, size in zip(where, cell, inner, strict=True))


def assert_no_attacker_narrows_it_down(counts: np.ndarray, minimum_cell: int) -> None:
    protected = protect(counts, minimum_cell=minimum_cell)
    np.testing.assert_array_equal(protected.released.compressed(), with_margins(counts)[protected.published])
    if not protected.withheld.any():
        return
    possible = possible_tables(protected.released, most=int(counts.max()) + minimum_cell)
    lowest, highest = possible.min(axis=0), possible.max(axis=0)
    assert (lowest[protected.primary] <= 1).all()
    assert (highest[protected.withheld] >= minimum_cell).all()
    assert (lowest[protected.withheld] < highest[protected.withheld]).all()


def tables(shape: tuple[int, ...], most: int) -> st.SearchStrategy[np.ndarray]:
    return arrays(np.int64, shape, elements=st.integers(0, most))


def test_the_exhaustive_attacker_is_real() -> None:
    """Of a 2 x 2 table with its totals, one cell is free and settles the others: here it is 0, 1, 2 or 3."""
    released = np.ma.MaskedArray(
        with_margins(np.array([[1, 2], [3, 4]])), mask=np.pad(np.ones((2, 2)), (0, 1))
    )

    assert len(possible_tables(released, most=12)) == 4


@pytest.mark.parametrize("shape", [(3,), pytest.param((2, 2), marks=pytest.mark.slow)])
def test_no_small_table_at_all_gives_a_small_count_away(shape: tuple[int, ...]) -> None:
    for values in product(range(4), repeat=int(np.prod(shape))):
        assert_no_attacker_narrows_it_down(np.array(values).reshape(shape), minimum_cell=3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(lambda shape: tables(shape, most=12)))
def test_no_table_up_to_3_by_3_gives_a_small_count_away(counts: np.ndarray) -> None:
    assert_no_attacker_narrows_it_down(counts, minimum_cell=10)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables((2, 2, 2), most=5))
def test_no_three_way_table_gives_a_small_count_away(counts: np.ndarray) -> None:
    """Here linear programs alone would not do: whole numbers can be bounded more tightly than fractions."""
    assert_no_attacker_narrows_it_down(counts, minimum_cell=3)


UP_TO_12_CELLS = [(12,), (2, 5), (2, 6), (3, 4), (2, 2, 2), (2, 2, 3), (3, 2, 2), (1, 3, 4)]


@pytest.mark.parametrize("shape", UP_TO_12_CELLS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_table_of_up_to_12_cells_gives_a_small_count_away(
    shape: tuple[int, ...], data: st.DataObject
) -> None:
    """Against every table that agrees with the release, one by one."""
    assert_no_attacker_narrows_it_down(data.draw(tables(shape, most=6)), minimum_cell=3)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_no_list_gives_a_small_count_away(counts: list[int]) -> None:
    protected = protect(counts)

    assert not exposed(protected).any()
    assert not (audit(protected.released).recovered & protected.withheld).any()


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([(3,), (2, 3)]).flatmap(lambda shape: tables(shape, most=12)), st.data())
def test_the_audit_finds_what_exhaustion_finds(counts: np.ndarray, data: st.DataObject) -> None:
    table = with_margins(counts)
    hidden = data.draw(arrays(bool, table.shape))
    hidden &= np.pad(np.ones(counts.shape, dtype=bool), (0, 1))  # totals are published
    released = np.ma.MaskedArray(np.where(hidden, 0, table), mask=hidden)

    found = audit(released)

    possible = possible_tables(released, most=36)
    np.testing.assert_array_equal(found.lower, possible.min(axis=0))
    np.testing.assert_array_equal(found.upper, possible.max(axis=0))


@pytest.mark.parametrize("shape", [(4,), (3, 5), (2, 3, 4)])
def test_every_table_obeys_its_margin_equations(shape: tuple[int, ...]) -> None:
    table = with_margins(np.random.default_rng(1).integers(0, 50, shape))

    equations = margin_equations(plain_axes(shape))

    assert not (equations @ table.ravel()).any()
    free = table.size - np.linalg.matrix_rank(equations.toarray())
    assert free == np.prod(shape)


def test_nothing_bounds_a_count_whose_totals_are_all_withheld() -> None:
    released = np.ma.MaskedArray([[0, 4, 0], [3, 6, 9], [0, 10, 0]], mask=[[1, 0, 1], [0, 0, 0], [1, 0, 1]])

    found = audit(released)

    assert (found.lower[0, 0], found.upper[0, 0]) == (0, np.inf)
    assert (found.lower[0, 2], found.upper[0, 2]) == (4, np.inf)


def unproven(counts: np.ndarray) -> Proof:
    return Proof(counts, 10, falls=(counts > 0) & (counts < 10), rises=np.full(counts.shape, True))


COUNTS = np.array([[5, 20, 30], [40, 7, 60], [70, 80, 9]])


def test_without_a_proof_everything_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chooser that adds nothing proves nothing."""
    nothing = np.zeros((4, 4), dtype=bool)
    monkeypatch.setattr(
        suppression, "complementary_cells", lambda candidate: (nothing, unproven(candidate.counts.ravel()))
    )

    assert protect(COUNTS).withheld.all()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ([5, -5, 0, 0], "touches the published 30"),
        ([9, 0, 0, 9], "takes the published total along"),
        ([6, 0, -6, 1], "breaks the sum"),
        ([0.5, 0, -0.5, 0], "halves a person"),
        ([-9, 0, 9, 0], "leaves less than nobody"),
    ],
)
def test_a_proof_holds_only_tables_that_could_be_true(change: list[float], reason: str) -> None:
    """Of 8, 30, 12 and their total 50, the 8 and the 12 are withheld."""
    proof = unproven(np.array([8, 30, 12, 50]))
    proof.add([np.array([2.0, 0, -2, 0]), np.array([-7.0, 0, 7, 0])])
    withheld, equations = np.array([True, False, True, False]), margin_equations(plain_axes((3,)))
    assert proof.holds(withheld, equations)

    proof.add([np.array(change)])

    assert not proof.holds(withheld, equations), reason


def test_where_no_program_helps_a_small_count_hides_behind_its_totals(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Alternatives, "find", lambda self, cell, change: None)

    protected = protect(COUNTS)

    assert not exposed(protected).any()
    assert protected.published.sum() == 6


def test_an_attack_that_does_not_finish_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = highspy.HighsModelStatus.kTimeLimit
    protected = protect(COUNTS)
    monkeypatch.setattr(highspy.Highs, "getModelStatus", lambda self: stopped)

    with pytest.raises(RuntimeError, match="did not finish: Time limit reached"):
        exposed(protected)
