"""How rare a hotspot must be to be raised, and how many replicates tell that, where p accounts for many nights."""

import math

# A hotspot is raised when chance alone would show one as strong no more than once a year.
RAISED_FROM_DAYS = 365
# About so many replicates should be as large at the threshold: it is then known to a sixth of itself.
AS_LARGE_AT_THRESHOLD = 40
FEWEST_REPLICATES, MOST_REPLICATES = 99, 999


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
