"""The command that takes in messages as hospitals send them."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import click
from django.db import close_old_connections
from django.utils import timezone

from throughline.cli.door import Fault, find
from throughline.evidence.feeds.doors.mllp.actions import hand_over_messages
from throughline.evidence.feeds.doors.mllp.listening import Listener
from throughline.evidence.feeds.doors.mllp.queries import spool_of
from throughline.evidence.feeds.doors.mllp.spool import Spool, SpoolInUse
from throughline.evidence.feeds.doors.mllp.terms import Terms
from throughline.evidence.feeds.models import Feed
from throughline.formats import hl7
from throughline.formats.mapping import parse_mapping

_DEFAULT = Terms()
_BY = "system:mllp"


@click.command("listen-hl7")
@click.option("--feed", "feed_key", required=True, help="The key of the feed that the messages belong to.")
@click.option(
    "--host",
    "hosts",
    multiple=True,
    default=["127.0.0.1"],
    show_default=True,
    help="An address to listen on, IPv4 or IPv6; may be repeated.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=2575, show_default=True)
@click.option(
    "--every-messages",
    type=click.IntRange(1),
    default=_DEFAULT.messages_per_file,
    show_default=True,
    help="Hand over to the worker after so many messages,",
)
@click.option(
    "--every-seconds",
    type=click.FloatRange(0.1),
    default=_DEFAULT.seconds_per_file,
    show_default=True,
    help="or after so long, whichever comes first.",
)
@click.option(
    "--connections",
    type=click.IntRange(1),
    default=_DEFAULT.connections,
    show_default=True,
    help="The most senders at a time.",
)
def listen_hl7(
    *,
    feed_key: str,
    hosts: tuple[str, ...],
    port: int,
    every_messages: int,
    every_seconds: float,
    connections: int,
) -> None:
    """Receive HL7 v2 messages over MLLP until stopped; each is acknowledged when it is safely on disk."""
    feed = find(Feed, key=feed_key)
    terms = Terms(
        connections=connections,
        messages_per_file=every_messages,
        seconds_per_file=every_seconds,
        encoding=_encoding(feed),
    )
    try:
        with closing(Spool(spool_of(feed))) as spool:
            asyncio.run(
                _listen(Listener(spool, partial(_hand_over, feed), terms, clock=timezone.now), hosts, port)
            )
    except (SpoolInUse, OSError) as fault:
        raise Fault(str(fault)) from fault


def _encoding(feed: Feed) -> str:
    """Of messages that name none; the mapping may say so. Raises Fault for a feed of another format."""
    if feed.format != hl7.KEY:
        raise Fault(f"The feed {feed.key!r} has the format {feed.format!r}; expected {hl7.KEY!r}.")
    mapping = feed.mapping
    return parse_mapping(mapping.definition).layout.encoding if mapping else _DEFAULT.encoding


async def _listen(listener: Listener, hosts: Sequence[str], port: int) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await listener.run(hosts, port, stop=stop, started=_tell)


def _tell(addresses: Sequence[tuple[str, int]]) -> None:
    for host, port in addresses:
        click.echo(f"Listening on {host} port {port}.")


def _hand_over(feed: Feed, path: Path) -> None:
    close_old_connections()
    hand_over_messages(feed=feed, path=path, by=_BY, at=timezone.now())


COMMANDS = [listen_hl7]
