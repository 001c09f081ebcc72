"""The commands that link lists of people without showing them: a key, encodings, pairs."""

import csv
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from throughline.cli.faults import Fault, check_output

File = click.Path(path_type=Path)
Day = click.DateTime(["%Y-%m-%d"])


@click.command(name="make-linkage-key")
@click.option("--agreement", required=True, metavar="ID", help="The agreement that allows the linkage.")
@click.option(
    "--expires-on", required=True, type=Day, metavar="DAY", help="The last day on which it is used."
)
@click.option("--out", required=True, type=File, metavar="KEY", help="Where the key is written: a new file.")
def make_linkage_key(agreement: str, *, expires_on: datetime, out: Path) -> None:
    """Make the secret key under which the parties of an agreement encode.

    Hand KEY to the other parties by a safe way, and never to whoever links the encodings: with it, names can be guessed
    and tried. Make a new one for each agreement, so that nobody can compare encodings of two. Needs no installation.
    """
    from throughline.cli.linking.agreed import AgreedKey

    check_output(out)
    AgreedKey.new(agreement, expires_on.date()).write(out)
    click.echo(f"{out}: the key of {agreement}, until {expires_on:%Y-%m-%d}.")


@click.command()
@click.argument("file", metavar="FILE", type=File)
@click.option("--key-file", required=True, type=File, metavar="KEY", help="The agreement's key.")
@click.option("--out", required=True, type=File, metavar="ENCODINGS", help="What may be sent.")
@click.option(
    "--ids", required=True, type=File, metavar="IDS", help="Which record is whose: it stays with you."
)
def encode(file: Path, *, key_file: Path, out: Path, ids: Path) -> None:
    """Encode a list of people, so that it can be linked by those who may not read it.

    FILE is a table as for `throughline link`. ENCODINGS holds no name, no id and not the order of FILE: its records are
    shuffled and numbered. IDS says which number is whose id. Needs no installation and no network.
    """
    from throughline.cli.linking.agreed import AgreedKey, Encoded, write_encoded
    from throughline.cli.linking.tables import read_people
    from throughline.science.linkage import encoding

    check_output(out, file, key_file, ids)
    check_output(ids, file, key_file)
    key = AgreedKey.read(key_file)
    if key.expires_on < _today():
        raise Fault(f"{key_file}: expired on {key.expires_on}. Expected a key that may still be used.")
    people = read_people(file)
    fields = encoding.encodable(people.columns)
    if not fields:
        raise Fault(
            f"{file}: too few columns that tell people apart. Expected names, and at least one of date_of_birth, ssn, "
            "phone, e_mail, postcode."
        )
    order = _shuffled(len(people.ids))
    made = encoding.encode(
        {field: [values[row] for row in order] for field, values in fields.items()}, key.secret
    )
    names = tuple(sorted(field.column for field in fields))
    write_encoded(out, Encoded(key.agreement, key.expires_on, key.check, names, made))
    _write_ids(ids, [people.ids[row] for row in order])
    click.echo(
        f"{out}: {len(order):,} encodings for {key.agreement}, until {key.expires_on}. Keep {ids} to yourself."
    )


@click.command(name="link-encodings")
@click.argument("a", type=File)
@click.argument("b", type=File)
@click.option("--out", required=True, type=File, metavar="PAIRS", help="Where the pairs are written.")
@click.option(
    "--least",
    type=click.FloatRange(min=0.5, max=1),
    default=0.72,
    show_default=True,
    help="The similarity from which two records count as one person's.",
)
def link_encodings(a: Path, b: Path, *, out: Path, least: float) -> None:
    """Find the records of one person in two lists of encodings.

    A and B are files as `throughline encode` writes them, under one key. PAIRS holds id_a and id_b, the numbers of the
    records as in either agency's IDS, and their similarity. Needs no installation, and no key.
    """
    from throughline.cli.linking.agreed import check_together, read_encoded
    from throughline.cli.linking.tables import write_pairs
    from throughline.science.linkage import dice

    check_output(out, a, b)
    one, other = read_encoded(a), read_encoded(b)
    check_together(a, one, b, other, _today())
    pairs = dice.link_encodings(one.encodings, other.encodings, least=least)
    sizes = len(one.encodings.bits), len(other.encodings.bits)
    mine, theirs = ([str(number) for number in range(1, size + 1)] for size in sizes)
    write_pairs(out, mine, theirs, pairs, measure="similarity")
    click.echo(f"{out}: {len(pairs):,} pairs of {sizes[0]:,} and {sizes[1]:,} encodings.")


def _today() -> date:
    return datetime.now(UTC).date()


def _shuffled(size: int) -> list[int]:
    """The order of a list may tell names, as where they are sorted."""
    order = list(range(size))
    secrets.SystemRandom().shuffle(order)
    return order


def _write_ids(path: Path, ids: Sequence[str]) -> None:
    """Only its owner can read it, and it appears whole or not at all."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["record", "id"])
        writer.writerows(enumerate(ids, 1))
    unfinished.replace(path)
