"""The command `throughline read`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from throughline.cli.faults import Fault

File = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=File)
@click.option("--format", "key", metavar="FORMAT", help="Unless told, the file's content decides.")
@click.option(
    "--mapping",
    type=File,
    metavar="FILE",
    help="A mapping's JSON document. Unless told: the standard's own, or one proposed from the table.",
)
@click.option(
    "--places",
    type=File,
    metavar="FILE",
    help="A table of places: code, latitude, longitude. Without it any code counts as a place.",
)
@click.option(
    "--time-zone",
    metavar="ZONE",
    default="UTC",
    show_default=True,
    help="Where the clocks of a table are read, without a mapping of one's own.",
)
@click.option(
    "--json", "out", type=File, metavar="OUT", help="Write what was read as JSON; - for standard output."
)
def read(
    file: Path,
    *,
    key: str | None,
    mapping: Path | None,
    places: Path | None,
    time_zone: str,
    out: Path | None,
) -> None:
    """Show what would be received of a file, and store nothing.

    Every record comes out as an event or is set aside with its reason; each event says which case definitions
    it meets, and by which code. Needs no installation.
    """
    _check_folder(out)
    from throughline.cli.read.faults import plain_faults
    from throughline.cli.read.reading import open_reading
    from throughline.cli.read.summary import in_words, tallied

    with plain_faults(file):
        reading = open_reading(
            file, format_key=key, mapping=mapping, places=places, time_zone=time_zone, at=datetime.now(UTC)
        )
        if out:
            from throughline.cli.read.writing import write_json

            tally = write_json(reading, out)
        else:
            tally = tallied(reading)
    if out != Path("-"):
        click.echo(in_words(reading, tally))


def _check_folder(out: Path | None) -> None:
    """Told before the reading, which may take long."""
    if out and not out.parent.is_dir():
        raise Fault(f"{out}: there is no folder {out.parent}. Expected one that exists.")
    if out and out.is_dir():
        raise Fault(f"{out}: this is a folder. Expected the name of a file.")
