"""Commands for what is known: files received, days looked at, signals."""

import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import click
from django.utils import timezone

from throughline.cli.door import COMMAND_LINE, Day, Fault, Instant, find
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.feeds.queries import changed_since
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.surveillance.actions import detect as look
from throughline.formats.faults import UnreadableFile
from throughline.signals.models import Signal


@click.command()
@click.argument("feed_key")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--received-at",
    type=Instant(),
    default=timezone.now,
    help="When the agency handed the files over, where history is brought in; now, unless told.",
)
def receive(feed_key: str, files: tuple[Path, ...], received_at: datetime) -> None:
    """Receive files of a feed, each whole or not at all. The same file again changes nothing."""
    feed = find(Feed, key=feed_key)
    refused = [fault for file in files if (fault := _receive(feed, file, received_at))]
    if refused:
        raise Fault("\n".join(map(str, refused)))


def _receive(feed: Feed, file: Path, received_at: datetime) -> UnreadableFile | None:
    """One unreadable file doesn't hold up those after it."""
    try:
        size = file.stat().st_size
        with click.progressbar(length=size, label=file.name, file=sys.stderr) as bar:
            delivery, is_new = receive_delivery(
                feed=feed,
                path=file,
                by=COMMAND_LINE,
                at=received_at,
                progress=lambda bytes_read: bar.update(bytes_read - bar.pos),
            )
    except UnreadableFile as fault:
        return fault
    click.echo(_told(delivery, is_new))
    return None


def _told_again(delivery: Delivery) -> str:
    sentence = f"{delivery.file_name}: received already on {timezone.localtime(delivery.received_at):%Y-%m-%d %H:%M}."
    if changed := changed_since(delivery):
        sentence += (
            f" Later files changed {changed} of its records; that stays."
            " Its receipt's page offers to receive it again."
        )
    return sentence


def _told(delivery: Delivery, is_new: bool) -> str:
    if not is_new:
        return _told_again(delivery)
    parts = [
        f"{delivery.file_name}: {delivery.rows} rows = {delivery.accepted} accepted"
        f" + {delivery.duplicates} duplicates + {delivery.quarantined} set aside",
        *_repeated(delivery),
        *(f"  {reason['rows']} x {reason['field']}: {reason['reason']}" for reason in delivery.reasons),
        *([f"  {delivery.deleted} accepted rows take records back"] if delivery.deleted else []),
        *(
            [f"  {delivery.unplaced} accepted rows name no place; they are kept, and counted in totals only"]
            if delivery.unplaced
            else []
        ),
        *(
            [f"  {near} rows were given to the nearest centre, for want of boundaries"]
            if (near := delivery.place_methods.get("nearest_centroid"))
            else []
        ),
    ]
    return "\n".join(parts)


def _repeated(delivery: Delivery) -> list[str]:
    if not delivery.duplicates or delivery.repeated is None:
        return []
    return [
        f"  {delivery.repeated} rows repeat another row of the file;"
        f" {delivery.received_before} had been received before, unchanged"
    ]


@click.command()
@click.option("--on", type=Day(), help="The last day to look at; yesterday, unless told.")
@click.option(
    "--since", type=Day(), help="Look for spikes on each day from this one; on the last one, unless told."
)
@click.option("--as-of", type=Instant(), help="Look as things were known then; now, unless told.")
def detect(on: date | None, since: date | None, as_of: datetime | None) -> None:
    """Look for spikes and hotspots; each finding raises a signal, once."""
    at = as_of or timezone.now()
    on = on or timezone.localdate(at) - timedelta(days=1)
    runs = look(on=on, since=since, by=COMMAND_LINE, at=at, as_of=as_of)
    if not runs:
        click.echo("No indicator has a feed yet. Give a feed --counts-for.")
    for run in runs:
        where = f" of {run.jurisdiction}" if run.jurisdiction else ""
        known = f", {run.ongoing} of them known before" if run.ongoing else ""
        click.echo(
            f"{run.indicator}, {run.method}{where}: {run.events} events, {run.findings} findings{known}"
        )
        if run.shortfall:
            click.echo(f"  {run.shortfall}")
        for refusal in run.refusals:
            click.echo(f"  refused: {refusal}")


@click.command()
@click.option("--all", "everything", is_flag=True, help="Closed and over ones too.")
def signals(everything: bool) -> None:
    """List the signals that wait for an answer."""
    shown = Signal.objects.select_related("owner")
    shown = shown if everything else shown.waiting()
    for signal in shown:
        owner = signal.owner or "nobody yet"
        click.echo(f"{signal.pk}  {timezone.localtime(signal.raised_at):%Y-%m-%d}  {signal.title}  ({owner})")
    if not shown:
        click.echo("No signal waits for an answer.")


COMMANDS = [receive, detect, signals]
