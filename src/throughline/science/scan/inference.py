"""How often chance alone shows as much: ranks among replicates, and a curve through them for what is rarer."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUNDING = 1e-9  # statistics closer than this are equal but for the order in which terms were added
EULER = 0.5772156649015329


def as_large(simulated: Floats, statistic: float) -> int:
    return int(np.count_nonzero(simulated >= statistic - ROUNDING * max(1.0, statistic)))


def rank_p_value(simulated: Floats, statistic: float) -> float:
    """(r + 1) / (R + 1), r of R replicates being as large (Dwass 1957, Ann Math Stat 28, 181)."""
    return (as_large(simulated, statistic) + 1) / (len(simulated) + 1)


def recurrence_interval(p_value: float, looks: int) -> float:
    """Looks in which chance shows as much once; p_value: of the largest of `looks` looks.

    A single look has 1 - (1 - p)^(1 / looks), and the interval is its inverse; with one look, 1 / p (Kleinman et al.
    2004, Am J Epidemiol 159, 217).
    """
    return 1.0 if p_value >= 1 else float(-1 / np.expm1(np.log1p(-p_value) / looks))


def gumbel_p_value(simulated: Floats, statistic: float) -> float | None:
    """The tail of a Gumbel distribution with the replicates' mean and variance (Abrams et al. 2010, Int J Health
    Geogr 9, 61): smaller values than 1 / (R + 1) can be told apart. None with fewer than two distinct maxima."""
    spread = float(np.std(simulated, ddof=1)) if len(simulated) > 1 else 0.0
    if spread == 0.0:
        return None
    scale = spread * np.sqrt(6) / np.pi
    location = float(simulated.mean()) - EULER * scale
    return float(-np.expm1(-np.exp(-(statistic - location) / scale)))
