"""The command `throughline scan`."""

import json
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from throughline.cli.faults import Fault

if TYPE_CHECKING:
    from throughline.cli.scan.analysis import Analysis

File = click.Path(path_type=Path)
Date = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("parameters", metavar="[ANALYSIS.prm]", type=File, required=False)
@click.option("--cases", type=File, metavar="FILE", help="A table of cases: place, date[, count].")
@click.option(
    "--places",
    type=File,
    metavar="FILE",
    help="A table of places: place, latitude, longitude (or x, y)[, population]; no need of it in temporal scans.",
)
@click.option(
    "--population", type=File, metavar="FILE", help="A table of persons: place[, date], population."
)
@click.option("--controls", type=File, metavar="FILE", help="A table of controls: place, date[, count].")
@click.option(
    "--analysis",
    type=click.Choice(["prospective", "retrospective", "spatial", "temporal"]),
    default="prospective",
    show_default=True,
    help="Clusters alive at the end, at any time, at all times, or in all places.",
)
@click.option(
    "--model",
    type=click.Choice(["permutation", "poisson", "bernoulli"]),
    help="Unless told: bernoulli with controls, poisson with a population, else permutation.",
)
@click.option(
    "--start", type=Date, metavar="DAY", help="First day of the study; of the first case, unless told."
)
@click.option("--end", type=Date, metavar="DAY", help="Last day of the study; of the last case, unless told.")
@click.option(
    "--max-days",
    type=click.IntRange(1),
    help="The longest window; 28, or half of a study that is shorter than 56 days.",
)
@click.option("--max-radius-km", type=click.FloatRange(0, min_open=True), help="The largest circle.")
@click.option(
    "--max-share",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.5,
    show_default=True,
    help="The largest share of those at risk (or of all cases) in a circle.",
)
@click.option(
    "--rates",
    type=click.Choice(["high", "low", "both"]),
    default="high",
    show_default=True,
    help="Too many cases, too few, or either.",
)
@click.option(
    "--adjust",
    type=click.Choice(["none", "time", "weekday"]),
    default="none",
    show_default=True,
    help="Leave out what all places share by day, or what a place shares by day of the week.",
)
@click.option("--replicates", type=click.IntRange(0), help="Simulated data sets; 999, unless the file tells.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same p-values."
)
@click.option("--threads", type=click.IntRange(1), help="Processors to use; all, unless told.")
@click.option(
    "--json", "out", type=File, metavar="OUT", help="Write the result as JSON; - for standard output."
)
def scan(
    *,
    parameters: Path | None,
    replicates: int | None,
    seed: int,
    threads: int | None,
    out: Path | None,
    **tables: Any,
) -> None:
    """Look for clusters of cases in space and time.

    Either in the reference program's own files, named by its ANALYSIS.prm, or in tables with a header,
    --cases and --places. Settings that can't be honoured are refused by name. Needs no installation.
    """
    _check_folder(out)
    analysis = _read(parameters, tables)
    from throughline.cli.scan.report import document, in_words
    from throughline.cli.scan.running import run

    began = perf_counter()
    result = run(analysis, replicates=replicates, seed=seed, threads=threads)
    found = document(analysis, result, elapsed_seconds=perf_counter() - began)
    content = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False)
    if out == Path("-"):
        click.echo(content)
        return
    click.echo(in_words(found))
    if out:
        _write(out, content)


def _read(parameters: Path | None, tables: dict[str, Any]) -> "Analysis":
    if parameters is None:
        return _read_tables(tables)
    context = click.get_current_context()
    given = [
        name
        for name in tables
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        option = given[0].replace("_", "-")
        raise Fault(f"--{option} is for tables; {parameters} says it itself. Expected one of the two.")
    from throughline.cli.scan.reference import read_analysis

    return read_analysis(parameters)


def _read_tables(tables: dict[str, Any]) -> "Analysis":
    if tables["cases"] is None or (tables["places"] is None and tables["analysis"] != "temporal"):
        raise Fault("Nothing to scan. Expected ANALYSIS.prm, or --cases CASES.csv with --places PLACES.csv.")
    from throughline.cli.scan.lists import Request, read_lists

    days: dict[str, date | None] = {
        name: tables[name].date() if tables[name] else None for name in ("start", "end")
    }
    return read_lists(Request(**{**tables, **days}))


def _check_folder(out: Path | None) -> None:
    """Told before the scan, which may take long."""
    if out and not out.parent.is_dir():
        raise Fault(f"{out}: there is no folder {out.parent}. Expected one that exists.")


def _write(out: Path, content: str) -> None:
    try:
        out.write_text(content + "\n", encoding="utf-8")
    except OSError as fault:
        raise Fault(f"{out}: {fault.strerror}. Expected a file that can be written.") from fault
