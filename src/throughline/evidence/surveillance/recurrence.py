"""How rare a hotspot is in nights of watching, told from a p-value that accounts for many nights at once."""

import math

# A hotspot is raised when chance alone would show one as strong no more than once a year.
RAISED_FROM_DAYS = 365
# About so many replicates should be as large at the threshold: it is then known to a sixth of itself.
AS_LARGE_AT_THRESHOLD = 40
FEWEST_REPLICATES, MOST_REPLICATES = 99, 999


def recurrence_interval(p_value: float, *, looks: int) -> float:
    """Nights of watching in which chance shows as much once.

    p_value: of the largest of `looks` nightly looks. What a single look has is 1 - (1 - p)^(1 / looks), and the
    interval is its inverse (Kleinman et al. 2004, Am J Epidemiol 159, 217); with one look, 1 / p.
    """
    if p_value >= 1:
        return 1.0
    return -1 / math.expm1(math.log1p(-p_value) / looks)


def largest_p_value(looks: int) -> float:
    """The p-value of `looks` looks that is just rare enough to be raised."""
    return -math.expm1(looks * math.log1p(-1 / RAISED_FROM_DAYS))


def replicates_needed(looks: int) -> int:
    """Each replicate simulates all looks, so that with many looks fewer replicates tell as much."""
    needed = math.ceil(AS_LARGE_AT_THRESHOLD / largest_p_value(looks))
    return min(max(needed, FEWEST_REPLICATES), MOST_REPLICATES)


def hopeless_after(looks: int, replicates: int) -> int:
    """With so many replicates as large, the others can't make it rare enough any more."""
    return math.ceil(largest_p_value(looks) * (replicates + 1))
