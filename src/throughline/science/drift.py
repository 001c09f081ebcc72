"""Says whether a mix of values, such as the codes of a feed, has changed between two periods, and which changed it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

LEAST_EXPECTED = 5  # Cochran (1954): below it Pearson's statistic has no chi-square distribution
RARE = "(rare)"  # stands for all values that are too rare to be compared one by one

_Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shift:
    """One value: how often it stood in each period, and its change in standard errors (up is positive)."""

    value: str
    reference: int
    latest: int
    residual: float


@dataclass(frozen=True, slots=True)
class Drift:
    """How far two mixes lie apart, in bits from 0 (alike) to 1 (nothing in common), beyond what chance gives.

    `p_value`: how often samples of one mix differ as much. `shifts`: the compared values, the most changed first.
    """

    divergence: float
    p_value: float
    shifts: tuple[Shift, ...]


def mix_drift(reference: Mapping[str, int], latest: Mapping[str, int]) -> Drift | None:
    """Compare how often each value stands in a reference period and in the latest one.

    Values that are expected fewer than five times in either period are compared together, as `RARE`. None where fewer
    than two groups remain: then there are too few records to tell.

    The divergence is Jensen and Shannon's with equal weights (Lin 1991, IEEE Trans. Inf. Theory 37:145), less what
    chance adds on average, (k - 1)(1/n + 1/m) / (8 ln 2) bits for k groups, n and m records (its second-order
    expansion; compare Miller 1955). The p-value is that of Pearson's chi-square test of homogeneity; shifts are
    adjusted residuals (Haberman 1973, Biometrics 29:205). Both take values as independent: where a record can hold
    several, they make changes look a little surer than they are.

    Raises ValueError for a negative count.
    """
    if any(count < 0 for mix in (reference, latest) for count in mix.values()):
        raise ValueError("A count is negative, expected 0 or more.")
    values, table = _pooled(reference, latest)
    if len(values) < 2:
        return None
    expected = _expected(table)
    residuals = _adjusted_residuals(table, expected)
    shifts = [
        Shift(value, int(before), int(now), float(residual))
        for value, before, now, residual in zip(values, *table, residuals, strict=True)
    ]
    return Drift(
        divergence=max(jensen_shannon(table[0], table[1]) - _by_chance(table), 0.0),
        p_value=float(chdtrc(len(values) - 1, ((table - expected) ** 2 / expected).sum())),
        shifts=tuple(sorted(shifts, key=lambda shift: -abs(shift.residual))),
    )


def jensen_shannon(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """The divergence of two mixes, given as weights of the same values, in bits from 0 to 1 (Lin 1991).

    >>> jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 2.0]))
    1.0
    """
    shares = np.stack([first / first.sum(), second / second.sum()])
    return float(_entropy(shares.mean(axis=0)) - (_entropy(shares[0]) + _entropy(shares[1])) / 2)


def appeared(
    reference: Mapping[str, int], latest: Mapping[str, int], *, least: int = LEAST_EXPECTED
) -> list[str]:
    """Values that the reference period didn't have and the latest has at least so often, the commonest first."""
    new = [value for value, count in latest.items() if count >= least and not reference.get(value)]
    return sorted(new, key=lambda value: (-latest[value], value))


def _pooled(reference: Mapping[str, int], latest: Mapping[str, int]) -> tuple[list[str], _Table]:
    """The values to compare, the commonest first, and a (2, values) table; those too rare stand at the end as RARE."""
    values = sorted(value for value in {*reference, *latest} if reference.get(value) or latest.get(value))
    table = np.array([[mix.get(value, 0) for value in values] for mix in (reference, latest)], dtype=float)
    if not table.size or not table.sum(axis=1).all():
        return [], table
    least = _expected(table).min(axis=0)
    order = np.argsort(-least, kind="stable")
    kept = int((least >= LEAST_EXPECTED).sum())
    if kept and 0 < least[order[kept:]].sum() < LEAST_EXPECTED:
        kept -= 1  # the rare ones are still too rare together: the rarest of the others joins them
    named, rest = table[:, order[:kept]], table[:, order[kept:]].sum(axis=1, keepdims=True)
    names = [values[n] for n in order[:kept]]
    return ([*names, RARE], np.hstack([named, rest])) if rest.any() else (names, named)


def _expected(table: _Table) -> _Table:
    """What one mix for both periods would give."""
    expected: _Table = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return expected


def _adjusted_residuals(table: _Table, expected: _Table) -> NDArray[np.float64]:
    share = table.sum(axis=0) / table.sum()
    of_the_other = table[0].sum() / table.sum()
    residuals: NDArray[np.float64] = (table[1] - expected[1]) / np.sqrt(
        expected[1] * (1 - share) * of_the_other
    )
    return residuals


def _by_chance(table: _Table) -> float:
    return float((table.shape[1] - 1) * (1 / table.sum(axis=1)).sum() / (8 * np.log(2)))


def _entropy(shares: NDArray[np.float64]) -> float:
    some = shares[shares > 0]
    return float(-(some * np.log2(some)).sum())
