"""Puts a protected table to the test, and writes what everybody may have of it."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from throughline.cli.faults import Fault
from throughline.cli.protecting.findings import findings
from throughline.cli.protecting.tables import Table, released_text, write_released, write_whole

RULES = (
    "Counts from 1 to the minimum cell less 1 are withheld.",
    "So are other counts and sums from which one of those could be worked out or bounded below the minimum cell.",
    "The same holds for whoever has the earlier releases too.",
)
FOR_CONTRIBUTORS = "The same holds for whoever takes off the counts that they sent."


def publish(
    folder: Path,
    table: Table,
    released: "np.ma.MaskedArray[Any, Any]",
    *,
    earlier: Sequence[Path],
    threshold: int,
) -> None:
    """Write table.csv, attack it beside the earlier releases, and describe it in manifest.json.

    The table tells everybody the same: not which counts are small. Its manifest comes last: without one, it isn't
    published. Nothing in it tells a withheld count, so no hash of what was counted is among it: a hash of few counts
    is found by trying all of them. Raises Fault, and leaves no table, where the attack finds anything.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    path = folder / "table.csv"
    write_released(path, table, released)
    found = list(findings([*earlier, path], table.shape, threshold))
    if lines := [line for each in found for line in each.lines]:
        path.unlink()
        raise Fault(f"{path}: the attack on it found {lines[0]!r}. Nothing is published.")
    manifest = _manifest(
        path, table, released, earlier=earlier, threshold=threshold, audit=[each.summary for each in found]
    )
    write_whole(folder / "manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def _manifest(
    path: Path,
    table: Table,
    released: "np.ma.MaskedArray[Any, Any]",
    *,
    earlier: Sequence[Path],
    threshold: int,
    audit: Sequence[str],
) -> dict[str, Any]:
    contributors = [FOR_CONTRIBUTORS] if table.shape.contributor else []
    return {
        "table": {"file": path.name, "sha256": _sha256(path.read_text(encoding="utf-8"))},
        "dimensions": {
            name: len(each) for name, each in zip(table.shape.dimensions, table.labels, strict=True)
        },
        "counts": table.shape.count,
        "minimum_cell": threshold,
        "rules": [*RULES, *contributors],
        "cells": released.size,
        "withheld": int(released.mask.sum()),
        "earlier": [
            {"file": file.name, "sha256": _sha256(released_text(file, table.shape))} for file in earlier
        ],
        "audit": list(audit),
    }


def _sha256(text: str) -> str:
    """Of what everybody may know: a hash of the statuses would tell them, since few are possible."""
    return hashlib.sha256(text.encode()).hexdigest()
