"""Commands for the exchange of counts with other installations."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from throughline.cli.door import AT, BY, COMMAND_LINE, Fault, find
from throughline.evidence.exchange.actions import (
    make_exchange_key,
    receive_counts,
    register_neighbour,
    send_counts,
)
from throughline.evidence.exchange.models import Neighbour
from throughline.evidence.feeds.models import Feed
from throughline.indicators import INDICATORS
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization


class Month(click.ParamType):
    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(f"{value}-01")
        except ValueError:
            self.fail(f"{value!r} is no month; expected a month such as 2026-03", param, ctx)


@click.command("exchange-key")
@AT
def key(at: datetime) -> None:
    """Print the public key by which neighbours know this installation; it is made the first time."""
    click.echo(make_exchange_key(by=COMMAND_LINE, at=at))


@click.command("register-neighbour")
@click.argument("organization")
@click.argument("public_key")
@AT
def neighbour(organization: str, public_key: str, at: datetime) -> None:
    """Know another installation by who runs it and by its public key."""
    registered = register_neighbour(
        organization=find(Organization, name=organization), public_key=public_key, by=COMMAND_LINE, at=at
    )
    click.echo(f"{registered} is known by the key {registered.public_key}.")


@click.command("send-counts")
@click.option("--to", "organization", required=True, help="The neighbour, by the name of its organization.")
@click.option("--feed", "feed_key", required=True, help="The feed's key.")
@click.option("--indicator", type=click.Choice(sorted(INDICATORS)), required=True)
@click.option("--since", "first", type=Month(), required=True, help="The first month.")
@click.option("--until", "last", type=Month(), required=True, help="The last month; it must be over.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The document.")
@BY
@AT
def send(
    *, organization: str, feed_key: str, indicator: str, first: date, last: date, out: Path, by: Person, at: datetime
) -> None:  # fmt: skip
    """Make a signed document with counts of whole months for a neighbour, small counts withheld."""
    if out.exists():
        raise Fault(f"{out} is there already. Name a new file.")
    to = find(Neighbour, organization=find(Organization, name=organization))
    feed = find(Feed, key=feed_key)
    sent = send_counts(neighbour=to, feed=feed.key, indicator=indicator, first=first, last=last, by=by, at=at)
    out.write_text(sent.text, encoding="utf-8")
    click.echo(f"{out} is document {sent.serial} for {to}, under the agreement “{sent.agreement}”.")


@click.command("receive-counts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@BY
@AT
def receive(file: Path, by: Person, at: datetime) -> None:
    """Keep a neighbour's document, if it is signed, for us, under an agreement in force, and new."""
    text = file.read_text(encoding="utf-8", errors="replace")
    received = receive_counts(text=text, by=by, at=at)
    click.echo(f"Document {received.serial} of {received.neighbour} is received.")


COMMANDS = [key, neighbour, send, receive]
