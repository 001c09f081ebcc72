"""The commands `throughline protect` and `throughline attack`."""

from pathlib import Path
from typing import Any

import click

from throughline.cli.faults import Fault

File = click.Path(path_type=Path)
SHOWN = 20
table_options = (
    click.option(
        "--dimensions", required=True, metavar="A,B,C", help="The columns that say what is counted."
    ),
    click.option("--count", required=True, metavar="COLUMN", help="The column of counts."),
    click.option(
        "--threshold",
        type=click.IntRange(min=1),
        default=10,
        show_default=True,
        help="Counts from 1 to one less are small.",
    ),
)


def about_tables(command: Any) -> Any:
    for option in reversed(table_options):
        command = option(command)
    return command


@click.command()
@click.argument("file", metavar="TABLE", type=File)
@about_tables
@click.option("--out", required=True, type=File, metavar="OUT", help="Where the protected table is written.")
def protect(file: Path, *, dimensions: str, count: str, threshold: int, out: Path) -> None:
    """Withhold small counts of a table, and enough others that nobody can work them out.

    TABLE is a CSV file with one row for each combination; rows of the same combination are added, and what has no
    row counts 0. OUT holds every combination and every sum (ALL), each published, or empty and withheld as small
    (primary) or to hide those (complementary). Publish it without its column `status`: whoever knows which counts
    are small knows more than they should. Needs no installation.
    """
    from throughline.cli.protecting.tables import Shape, read_counts, write_protected
    from throughline.policy import suppression

    if not out.parent.is_dir() or out.is_dir():
        raise Fault(f"{out}: Expected the name of a file in a folder that exists.")
    table = read_counts(file, Shape.of(dimensions, count))
    protected = suppression.protect(table.counts, minimum_cell=threshold)
    write_protected(out, table, protected)
    cells, primary, others = protected.released.size, protected.primary.sum(), protected.complementary.sum()
    click.echo(
        f"{out}: {cells:,} cells, {cells - primary - others:,} published, {primary:,} withheld as small, "
        f"{others:,} withheld to hide those."
    )


@click.command()
@click.argument("files", metavar="RELEASE...", nargs=-1, required=True, type=File)
@about_tables
def attack(files: tuple[Path, ...], *, dimensions: str, count: str, threshold: int) -> None:
    """Try to work out what a published table withholds, as an outsider could. Ends with 1 where that succeeds.

    RELEASE is a CSV file as `throughline protect` writes it: every combination and every sum (ALL), the withheld
    counts empty. The attack knows that sums are sums and that nothing counts less than 0; for each withheld count it
    finds the least and the greatest that are possible. Needs no installation.
    """
    from throughline.cli.protecting.findings import found_in
    from throughline.cli.protecting.tables import Shape

    beaten = False
    for file in files:
        found = found_in(file, Shape.of(dimensions, count), threshold)
        click.echo(f"{file}: {found.summary}")
        for line in found.lines[:SHOWN]:
            click.echo(f"  {line}")
        if len(found.lines) > SHOWN:
            click.echo(f"  and {len(found.lines) - SHOWN:,} more")
        beaten |= bool(found.lines)
    if beaten:
        raise click.exceptions.Exit(1)
