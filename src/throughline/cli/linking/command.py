"""The command `throughline link`."""

from pathlib import Path

import click

from throughline.cli.faults import Fault, check_output

File = click.Path(path_type=Path)


@click.command()
@click.argument("files", metavar="A [B]", nargs=-1, required=True, type=File)
@click.option("--out", required=True, type=File, metavar="PAIRS", help="Where the pairs are written.")
@click.option(
    "--least",
    type=click.FloatRange(min=0.01, max=1),
    default=0.5,
    show_default=True,
    help="The probability from which two records count as one person's.",
)
def link(files: tuple[Path, ...], *, out: Path, least: float) -> None:
    """Find the records of one person, in one file or between two.

    A and B are CSV files with a header. Names, day of birth, numbers, addresses, e-mail and phone are known by the
    names of their columns; other columns aren't looked at. PAIRS holds id_a, id_b and probability, one row for each
    pair; an id is that of a column `id`, `rec_id`, `record_id` or `unique_id`, else the number of the row, from 1.
    Needs no installation.
    """
    from throughline.cli.linking.tables import read_people, write_pairs
    from throughline.science.linkage import linking

    if len(files) > 2:
        raise Fault(f"{files[2]}: a third file. Expected one file, or two.")
    check_output(out, *files)
    tables = [read_people(file) for file in files]
    try:
        pairs = linking.link([table.columns for table in tables], least=least)
    except linking.NothingToCompareError:
        raise Fault(_nothing_in(files)) from None
    write_pairs(out, tables[0].ids, tables[-1].ids, pairs)
    click.echo(f"{out}: {len(pairs):,} pairs of {' and '.join(f'{len(t.ids):,}' for t in tables)} records.")


def _nothing_in(files: tuple[Path, ...]) -> str:
    both = " in both" if len(files) == 2 else ""
    return (
        f"{' and '.join(map(str, files))}: too few columns{both} that tell people apart. Expected some of given_name, "
        "surname, name and at least one of date_of_birth, ssn, e_mail, phone, address, postcode, city."
    )
