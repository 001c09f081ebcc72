"""What an attack on a published table finds out, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from throughline.cli.faults import Fault
from throughline.cli.protecting.tables import Shape, read_release
from throughline.policy.attack import audit


@dataclass(frozen=True, slots=True)
class Findings:
    summary: str
    lines: tuple[str, ...]


def found_in(file: Path, shape: Shape, threshold: int) -> Findings:
    """The withheld counts of a release that can be worked out, or are known to be small."""
    labels, released = read_release(file, shape)
    try:
        found = audit(released, enough=(0, threshold))
    except ValueError as fault:
        raise Fault(f"{file}: {fault}") from None
    withheld = np.ma.getmaskarray(released)
    exact, small = withheld & found.recovered, withheld & (found.upper < threshold)

    def lines() -> Iterator[str]:
        for where in np.argwhere(exact | small).tolist():
            place = ", ".join(each[index] for each, index in zip(labels, where, strict=True))
            lower, upper = found.lower[tuple(where)], found.upper[tuple(where)]
            yield f"{place}: {lower:g}" if lower == upper else f"{place}: {lower:g} to {upper:g}"

    return Findings(
        f"{withheld.sum():,} withheld counts; {exact.sum():,} worked out exactly, "
        f"{(small & ~exact).sum():,} known to be under {threshold}.",
        tuple(lines()),
    )
