"""The commands `throughline plan-release`, `protect` and `attack`."""

from pathlib import Path
from typing import Any

import click

from throughline.cli.faults import check_output

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
    click.option(
        "--hierarchy",
        "hierarchies",
        type=File,
        multiple=True,
        metavar="FILE",
        help="A CSV file of groups that have sums too: a dimension's labels first, then a column for each level.",
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
@click.option(
    "--given",
    "earlier",
    type=File,
    multiple=True,
    metavar="RELEASE",
    help="A table that was published earlier, about some of the same people.",
)
@click.option(
    "--contributor",
    default="",
    metavar="COLUMN",
    help="The column that says who sent a row: no sender learns a small count of all others by taking off their own.",
)
@click.option(
    "--publish",
    "folder",
    type=File,
    metavar="FOLDER",
    help="Write what everybody may have there: the table, attacked once more, and a manifest of how it was made.",
)
def protect(
    file: Path,
    *,
    dimensions: str,
    count: str,
    threshold: int,
    hierarchies: tuple[Path, ...],
    out: Path,
    earlier: tuple[Path, ...],
    contributor: str,
    folder: Path | None,
) -> None:
    """Withhold small counts of a table, and enough others that nobody can work them out.

    TABLE is a CSV file with one row for each combination; rows of the same combination are added, and what has no
    row counts 0. OUT holds every combination and every sum (ALL, and groups), each published, or empty and withheld
    as small (primary) or to hide those (complementary). Nobody learns a small count by subtracting what was published
    earlier either, if you say so with --given. Publish it without its column `status`, as --publish does: whoever knows
    which counts are small knows more than they should. Needs no installation.
    """
    from throughline.cli.protecting.publishing import publish
    from throughline.cli.protecting.releasing import release
    from throughline.cli.protecting.tables import Shape, read_counts, write_protected

    check_output(out, file, *earlier, *hierarchies)
    table = read_counts(file, Shape.of(dimensions, count, hierarchies, contributor))
    released, primary = release(file, table, earlier, threshold)
    write_protected(out, table, released, primary)
    if folder:
        publish(folder, table, released, earlier=earlier, threshold=threshold)
    small, withheld = primary.sum(), released.mask.sum()
    click.echo(
        f"{out}: {released.size:,} cells, {released.size - withheld:,} published, {small:,} withheld as small, "
        f"{withheld - small:,} withheld to hide those."
    )


@click.command()
@click.argument("files", metavar="RELEASE...", nargs=-1, required=True, type=File)
@about_tables
@click.option(
    "--insider",
    type=File,
    metavar="TABLE",
    help="The counts that one contributor sent: what that contributor learns of all the others.",
)
@click.option(
    "--rates",
    nargs=2,
    metavar="RATE POPULATION",
    help="The columns of rates beside the counts, and of the populations that they are of.",
)
@click.option(
    "--per", type=click.IntRange(min=1), default=100_000, show_default=True, help="What the rates are per."
)
def attack(
    files: tuple[Path, ...],
    *,
    dimensions: str,
    count: str,
    threshold: int,
    hierarchies: tuple[Path, ...],
    insider: Path | None,
    rates: tuple[str, str] | None,
    per: int,
) -> None:
    """Try to work out what published tables withhold, as an outsider could. Ends with 1 where that succeeds.

    RELEASE is a CSV file as `throughline protect` writes it: every combination and every sum (ALL), the withheld
    counts empty. The attack knows that sums are sums and that nothing counts less than 0; for each withheld count it
    finds the least and the greatest that are possible, in each file and in all of them together. Rates that are printed
    beside withheld counts are turned back with --rates. Needs no installation.
    """
    from throughline.cli.protecting.findings import findings, rates_found
    from throughline.cli.protecting.tables import Shape

    shape, beaten = Shape.of(dimensions, count, hierarchies), False
    every = list(findings(files, shape, threshold, own=insider))
    if rates:
        rate, population = rates
        told = (
            rates_found(file, shape, threshold, rate=rate, population=population, per=per) for file in files
        )
        every += told
    for found in every:
        click.echo(f"{found.where}: {found.summary}")
        for line in found.lines[:SHOWN]:
            click.echo(f"  {line}")
        if len(found.lines) > SHOWN:
            click.echo(f"  and {len(found.lines) - SHOWN:,} more")
        beaten |= bool(found.lines)
    if beaten:
        raise click.exceptions.Exit(1)


@click.command("plan-release")
@click.argument("file", metavar="TABLE", type=File)
@about_tables
@click.option(
    "--most",
    type=click.IntRange(0, 100),
    default=10,
    show_default=True,
    metavar="PERCENT",
    help="How many of the filled cells may be small.",
)
def plan_release(
    file: Path, *, dimensions: str, count: str, threshold: int, hierarchies: tuple[Path, ...], most: int
) -> None:
    """Compare designs of a table before it is published, and propose one of which little is withheld.

    Each dimension may be shown by its labels, by a level of its groups (--hierarchy), or not at all. Shown are the
    counts that are small; some more are withheld to hide those. The finest design with few small counts is proposed.
    Needs no installation.
    """
    from throughline.cli.protecting.planning import designs, finest_with
    from throughline.cli.protecting.tables import Shape, read_counts

    found = list(designs(read_counts(file, Shape.of(dimensions, count, hierarchies)), threshold))
    proposed = finest_with(found, most / 100)
    for design in found:
        click.echo(
            f"{'*' if design is proposed else ' '} {design.name}: {design.combinations:,} combinations, "
            f"{design.small:,} of {design.filled:,} filled cells small ({design.share:.0%})"
        )
    if proposed is None:
        click.echo(f"None has {most} % or fewer of its filled cells small: count more people, or longer.")
    elif proposed is not found[0]:
        click.echo(f"As asked, {found[0].share:.0%} would be small. Proposed instead: {proposed.name}.")
    else:
        click.echo(f"As asked, {found[0].share:.0%} is small: publish it like this.")
