"""Tables of events by place, month and more: what an attacker finds, and how much is withheld against τ-Argus' optimum.

Primary suppression alone is what most dashboards do. τ-Argus (pytauargus, method OPT) asks less: it keeps each small
count uncertain by 30 %; ours leaves anything from 1 to the minimum cell possible. The last table takes minutes, and
τ-Argus isn't asked for it: `suppression.py all`.
"""

import contextlib
import sys
import tempfile
from collections.abc import Callable
from time import process_time

import numpy as np

from throughline.policy.attack import audit
from throughline.policy.margins import with_margins
from throughline.policy.suppression import protect

MINIMUM_CELL, MOST_OF_OPTIMUM = 10, 1.10
Masked = np.ma.MaskedArray


def counts(shape: tuple[int, ...], mean: float) -> np.ndarray:
    """Places differ widely, and each place's months differ too."""
    draw = np.random.default_rng(20260301)
    places = draw.gamma(1.0, mean, (shape[0], *[1] * (len(shape) - 1)))
    return draw.poisson(places * draw.gamma(2.0, 0.5, shape))


def primary_only(table: np.ndarray) -> Masked:
    return np.ma.masked_inside(with_margins(table), 1, MINIMUM_CELL - 1)


def ours(table: np.ndarray) -> Masked:
    return protect(table, minimum_cell=MINIMUM_CELL).released


def measure(name: str, release: Callable[[np.ndarray], Masked], table: np.ndarray) -> int:
    began = process_time()
    released = release(table)
    seconds = process_time() - began
    found = audit(released, enough=(1, MINIMUM_CELL))
    hidden = np.ma.getmaskarray(released)
    recovered = int((hidden & found.recovered).sum())
    bounded = int((hidden & (found.upper < MINIMUM_CELL)).sum())
    print(f"  {name:<14} {hidden.sum():>8,} {recovered:>10} {bounded:>10} {seconds:>8.1f} s")
    assert name != "ours" or recovered == bounded == 0
    return int(hidden.sum())


def optimum(table: np.ndarray) -> int:
    """The cells that τ-Argus withholds; it wants a row for each event, and a folder to itself."""
    import pandas as pd
    from pytauargus import protect as protect_optimally

    names = [f"D{axis}" for axis in range(table.ndim)]
    where = np.repeat(np.argwhere(table >= 0), table.ravel(), axis=0)
    events = pd.DataFrame(
        {name: [f"{name}-{k:03}" for k in where[:, axis]] for axis, name in enumerate(names)}
    )
    began = process_time()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        result = protect_optimally(
            events.assign(N=1.0),
            names,
            response="N",
            safety_rules=f"FREQ({MINIMUM_CELL},30)",
            suppress="OPT(1)",
            workdir=folder,
        )
        status = result.tables[0].dataframe()["status"]
    withheld = int(status.isin(["U", "M"]).sum())
    print(f"  {'τ-Argus OPT':<14} {withheld:>8,} {'':>21} {process_time() - began:>8.1f} s")
    return withheld


def main() -> None:
    for shape, mean in (((100, 12), 10), ((100, 12), 40), ((100, 6, 2), 25), ((100, 6, 2), 40)):
        table = counts(shape, mean)
        head(table, mean)
        measure("primary only", primary_only, table)
        both, best = measure("ours", ours, table), optimum(table)
        print(f"  ours / τ-Argus: {both / best:.3f} x the cells; the bar is {MOST_OF_OPTIMUM}\n")
        assert both <= MOST_OF_OPTIMUM * best
    if "all" in sys.argv:
        table = counts((60, 6, 2, 4), 25)
        head(table, 25)
        measure("ours", ours, table)


def head(table: np.ndarray, mean: float) -> None:
    print(f"{' x '.join(map(str, table.shape))}, {mean} events per cell on average")
    print(f"  {'':<14} {'withheld':>8} {'recovered':>10} {'bounded':>10}")


if __name__ == "__main__":
    main()
