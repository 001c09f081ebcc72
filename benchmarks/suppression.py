"""Small counts that an attacker finds again in a 100 x 12 table: primary suppression alone against ours.

Run: python benchmarks/suppression.py
"""

import time
from collections.abc import Callable

import numpy as np

from throughline.policy.attack import audit
from throughline.policy.margins import with_margins
from throughline.policy.suppression import protect

MINIMUM_CELL = 10
PLACES, MONTHS = 100, 12


def counts(mean: float) -> np.ndarray:
    """Events by place and month: places differ widely, and each place's months differ too."""
    rng = np.random.default_rng(20260301)
    expected = rng.gamma(1.0, mean, (PLACES, 1)) * rng.gamma(2.0, 0.5, (PLACES, MONTHS))
    return rng.poisson(expected)


def primary_only(table: np.ndarray) -> np.ma.MaskedArray:
    return np.ma.masked_inside(with_margins(table), 1, MINIMUM_CELL - 1)


def ours(table: np.ndarray) -> np.ma.MaskedArray:
    return protect(table, minimum_cell=MINIMUM_CELL).released


def measure(name: str, release: Callable[[np.ndarray], np.ma.MaskedArray], table: np.ndarray) -> int:
    started = time.perf_counter()
    released = release(table)
    seconds = time.perf_counter() - started
    found, truth = audit(released), with_margins(table)
    small = np.ma.getmaskarray(released) & (truth < MINIMUM_CELL)
    withheld = int(np.ma.getmaskarray(released).sum())
    recovered = int((small & found.recovered).sum())
    bounded = int((small & ((found.upper < MINIMUM_CELL) | (found.lower > 1))).sum())
    print(f"  {name:<14} {withheld:>8} {recovered:>10} {bounded:>10} {seconds:>8.2f} s")
    return withheld


def main() -> None:
    for mean in (10, 40, 150):
        table = counts(mean)
        print(f"{PLACES} x {MONTHS}, {mean} events per cell on average")
        print(f"  {'':<14} {'withheld':>8} {'recovered':>10} {'bounded':>10}")
        alone = measure("primary only", primary_only, table)
        both = measure("ours", ours, table)
        print(f"  extra cells: {both - alone} ({both / alone:.3f} x primary)\n")


if __name__ == "__main__":
    main()
