"""Turns a printed rate back into the counts that it may have been made from."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal


def counts_behind(rate: Decimal, population: int, *, per: int) -> range:
    """The whole counts that are printed as this rate `per` so many of the population, rounded half up or half to even.

    >>> counts_behind(Decimal("6.3"), 48_000, per=100_000)
    range(3, 4)
    >>> counts_behind(Decimal("6"), 480_000, per=100_000)
    range(27, 32)
    """
    exponent = rate.as_tuple().exponent
    half = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0) / 2
    lowest = ((rate - half) * population / per).to_integral_value(ROUND_CEILING)
    highest = ((rate + half) * population / per).to_integral_value(ROUND_FLOOR)
    return range(max(int(lowest), 0), int(highest) + 1)
