"""Runs an analysis and shows how far it is."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from throughline.cli.faults import Fault
from throughline.cli.scan.analysis import Analysis
from throughline.cli.scan.population import AtRisk
from throughline.science import scan
from throughline.science.scan.runners import threads as over_threads

SCANS: Mapping[str, Callable[..., scan.ScanResult]] = {
    "spatial": scan.spatial_scan,
    "temporal": scan.temporal_scan,
    "space_time": scan.space_time_scan,
    "prospective": scan.prospective_scan,
}


def run(analysis: Analysis, *, replicates: int | None, seed: int, threads: int | None) -> scan.ScanResult:
    """The clusters of an analysis. What the data can't answer becomes a fault."""
    chosen = {} if replicates is None else {"replicates": replicates}
    try:
        arguments = {name: _for_science(value) for name, value in analysis.arguments.items()} | chosen
        with _progress() as progress:
            return SCANS[analysis.question](
                **arguments, seed=seed, run=over_threads(threads), progress=progress
            )
    except ValueError as fault:
        raise Fault(str(fault)) from fault


def _for_science(value: Any) -> Any:
    if isinstance(value, AtRisk):
        return scan.Exposure(value.space, value.time)
    return scan.Ellipses(**value) if isinstance(value, dict) else value


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """A line on a terminal's standard error that is gone once the scan is done."""
    if not sys.stderr.isatty():
        yield None
        return
    yield lambda done, total: click.echo(f"\r{done} of {total} replicates", nl=False, err=True)
    click.echo("\r\033[K", nl=False, err=True)
