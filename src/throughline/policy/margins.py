"""Adds every margin to a table of counts, and states the equations that bind counts and margins."""

from functools import lru_cache, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


def with_margins(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The table with one more index at the end of each axis: ALL, the sum along that axis."""
    for axis in range(counts.ndim):
        counts = np.concatenate([counts, counts.sum(axis=axis, keepdims=True)], axis=axis)
    return counts


@lru_cache(maxsize=64)  # few shapes come up, and each is asked for by the chooser and by the attacker
def margin_equations(shape: tuple[int, ...]) -> sparse.csr_array:
    """The equations `E @ table.ravel() == 0` that every table of this shape (margins included) obeys.

    One row for each line of cells along each axis: the sum of its cells less its ALL cell.
    """
    return sparse.csr_array(sparse.vstack([_sums_along(axis, shape) for axis in range(len(shape))]))


def _sums_along(axis: int, shape: tuple[int, ...]) -> Any:
    line = np.ones((1, shape[axis]))
    line[0, -1] = -1
    factors: list[Any] = [
        sparse.csr_array(line) if k == axis else sparse.eye_array(size) for k, size in enumerate(shape)
    ]
    return reduce(sparse.kron, factors)


def sums_containing(cell: int, shape: tuple[int, ...]) -> NDArray[np.intp]:
    """Where a cell of a table of this shape (margins included), and every sum that it is part of, stand in C order."""
    indices = np.unravel_index(cell, shape)
    along = [np.unique([index, size - 1]) for index, size in zip(indices, shape, strict=True)]
    return np.ravel_multi_index(np.ix_(*along), shape).ravel()
