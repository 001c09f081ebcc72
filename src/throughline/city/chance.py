"""Draws everything that is random in the city from one seed, each part from a stream of its own."""

from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike, NDArray


def stream(seed: int, part: str) -> np.random.Generator:
    """A generator for one named part, so that a change in one part leaves all others as they were."""
    return np.random.default_rng([seed, crc32(part.encode())])


def apportion(total: int, weights: ArrayLike) -> NDArray[np.int64]:
    """Whole numbers in proportion to the weights that add up to `total` (largest remainders, Hamilton 1792).

    >>> apportion(10, [1, 1, 2]).tolist()
    [3, 2, 5]
    """
    shares = np.asarray(weights, dtype=float)
    exact = total * shares / shares.sum()
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    largest = np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]
    whole[largest] += 1
    return whole
