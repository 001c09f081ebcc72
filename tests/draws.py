"""Stand-ins for the replicates of a scan, in a module that worker processes can import."""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from throughline.science.scan.runners import kernel_threads


def draw(seed: int, numbers: range) -> NDArray[np.float64]:
    """One number per replicate, each from its own stream, as a scan's maxima are."""
    return np.array([np.random.default_rng([seed, number]).random() for number in numbers])


def draw_and_log(folder: Path, numbers: range) -> NDArray[np.float64]:
    """The same, leaving a file for each part that was computed."""
    (folder / f"{numbers.start}").touch()
    return draw(1, numbers)


def draw_but_fail(at: int, numbers: range) -> NDArray[np.float64]:
    if at in numbers:
        raise ZeroDivisionError(f"nothing is expected in replicate {at}")
    return draw(1, numbers)


def count_threads(numbers: range) -> NDArray[np.float64]:
    return np.full(len(numbers), float(kernel_threads()))


def end_the_process(numbers: range) -> NDArray[np.float64]:
    """What a system short of memory does to it."""
    os._exit(1)


class Unloadable:
    """A task of a version that the worker has not."""

    def __call__(self, numbers: range) -> NDArray[np.float64]:
        return draw(1, numbers)

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return import_module, ("throughline.science.of_tomorrow",)
