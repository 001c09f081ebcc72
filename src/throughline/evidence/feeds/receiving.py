"""How one file is taken in, whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from throughline.evidence.feeds.models import Delivery, Door, Feed
from throughline.evidence.feeds.queries import changed_since, warehouse
from throughline.evidence.feeds.readings import (
    Progress,
    building_on,
    mapping_in_use,
    read_file,
    with_what_was_known,
)
from throughline.evidence.feeds.rereading import read_what_is_due
from throughline.evidence.feeds.taking_in import after_those_of, one_at_a_time, take_in
from throughline.evidence.feeds.waiting import complete_with_what_waited
from throughline.formats.digest import file_sha256
from throughline.formats.faults import UnreadableFile
from throughline.members.accounts.models import Person


def receive_delivery(
    *,
    feed: Feed,
    path: Path,
    by: object,
    at: datetime,
    usable_at: datetime | None = None,
    file_name: str = "",
    door: str = Door.CLI,
    progress: Progress | None = None,
) -> tuple[Delivery, bool]:
    """Take a file in; the receipt, and whether it is new (the same file again changes nothing).

    1. One delivery of a feed at a time: a lock that the operating system drops even when the process is killed.
    2. A file that was received under this mapping before is answered with its receipt, whatever came since.
    3. What a crash left behind is swept away: files that no receipt lists.
    4. Events and rejected rows are written to files that nobody can see yet.
    5. One database transaction adds the receipt and its ledger entry. This commit makes the events visible; killed
       before it, nothing has happened.

    `at` is when the agency handed the file over, `usable_at` when its events could be counted: the same instant
    unless told. Raises UnreadableFile when the file as a whole can't be read, ValidationError without a mapping.
    """
    mapping = mapping_in_use(feed)
    with one_at_a_time(feed), _named(file_name):
        read_what_is_due(feed, at=usable_at or at)
        sha256 = file_sha256(path)
        known = feed.deliveries.standing().filter(file_sha256=sha256, mapping=mapping, replay_of=None).first()
        if known:
            complete_with_what_waited(known, by=by)  # unless a crash came between the two
            return known, False
        at = after_those_of(feed, at)
        reading = read_file(feed, mapping, path, received_at=at, progress=progress)
        earlier = feed.deliveries.standing().filter(received_at__lt=at)
        later = building_on(feed, at)  # of a file that was refused at first, or overtaken
        reading = with_what_was_known(feed, reading, earlier)
        facts = {
            "file_name": file_name or path.name,
            "file_sha256": sha256,
            "file_bytes": path.stat().st_size,
            "received_at": at,
            "usable_at": max(usable_at or at, at),
            "door": door,
        }
        delivery = take_in(
            feed,
            mapping,
            reading,
            earlier=earlier,
            original=path,
            facts=facts,
            by=by,
            within=lambda: later.update(reread_due=True),
        )
        complete_with_what_waited(delivery, by=by)
        return delivery, True


@contextmanager
def _named(file_name: str) -> Iterator[None]:
    """Faults name the file as the agency called it, not as the inbox does."""
    try:
        yield
    except UnreadableFile as fault:
        raise UnreadableFile(file_name or fault.file, fault.found, fault.expected) from None


def receive_again(*, delivery: Delivery, by: Person, at: datetime) -> Delivery:
    """Receive a file anew that came before, under the mapping in use: what it says counts from now on.

    For a person who knows that it is the right one. Raises ValidationError where nothing changed since.
    """
    feed, mapping = delivery.feed, mapping_in_use(delivery.feed)
    with one_at_a_time(feed):
        read_what_is_due(feed, at=at)
        if not changed_since(delivery):
            raise ValidationError(_("No later file changed what this one brought."))
        received_at, earlier = after_those_of(feed, at), feed.deliveries.standing()
        path = warehouse().original(feed.key, str(delivery.pk))
        reading = read_file(feed, mapping, path, received_at=received_at)
        again = take_in(
            feed,
            mapping,
            with_what_was_known(feed, reading, earlier),
            earlier=earlier,
            original=path,
            facts={
                "file_name": delivery.file_name,
                "file_sha256": delivery.file_sha256,
                "file_bytes": delivery.file_bytes,
                "received_at": received_at,
                "usable_at": received_at,
                "door": Door.AGAIN,
                "replay_of": delivery,
            },
            by=by,
        )
        complete_with_what_waited(again, by=by)
        return again
