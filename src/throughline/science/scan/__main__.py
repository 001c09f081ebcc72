"""Compiles what scans need, so that the first is as quick as the next: `python -m throughline.science.scan`."""

from typing import Any

import numpy as np

from throughline.science.scan.questions import prospective_scan, space_time_scan, spatial_scan


def main() -> None:
    """Scans ninety simulated cases in every way that is compiled apart."""
    random = np.random.default_rng(1)
    cases: dict[str, Any] = {"place": random.integers(0, 9, 90), "replicates": 9, "seed": 1}
    where: dict[str, Any] = {"latitude": random.random(9), "longitude": random.random(9)}
    when: dict[str, Any] = {"interval": random.integers(0, 30, 90), "intervals": 30, "maximum_length": 7}
    prospective_scan(**cases, **when, **where)
    space_time_scan(**cases, **when, **where, rates="both")
    spatial_scan(**cases, **where, population=np.ones(9), rates="both")


if __name__ == "__main__":
    main()
