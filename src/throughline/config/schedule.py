"""What happens without anybody clicking: one line per job."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from django.db import close_old_connections
from django.utils import timezone

from throughline.decisions.commitments.actions import escalate_overdue
from throughline.evidence.agreements.renewals.actions import watch_renewals
from throughline.evidence.feeds.actions import receive_next
from throughline.evidence.feeds.clocks.actions import check_feeds, watch_feeds
from throughline.evidence.feeds.destruction.actions import finish_destructions
from throughline.evidence.feeds.doors.folder import collect_drops
from throughline.evidence.feeds.inbox import sweep_inbox
from throughline.evidence.feeds.mappings.drafts import delete_old_drafts
from throughline.evidence.feeds.withdrawals.actions import reread_next
from throughline.evidence.surveillance.actions import detect_after_deliveries
from throughline.ledger.actions import close_day
from throughline.results.publications.accounting import account_for_uses
from throughline.results.publications.actions import rebuild_index

logger = logging.getLogger(__name__)
BY = "system:schedule"


@dataclass(frozen=True)
class Job:
    name: str
    every: timedelta
    run: Callable[[datetime], object]


JOBS = [
    Job("take files out of the folders", timedelta(seconds=5), lambda at: collect_drops(at=at)),
    Job("receive files that were handed over", timedelta(seconds=1), lambda at: receive_next(at=at)),
    Job("read again what repeated a withdrawn file", timedelta(seconds=1), lambda at: reread_next(at=at)),
    Job("look at new deliveries", timedelta(seconds=15), lambda at: detect_after_deliveries(by=BY, at=at)),
    Job("watch the clocks of feeds", timedelta(minutes=10), lambda at: watch_feeds(by=BY, at=at)),
    Job("look for gaps in feeds", timedelta(minutes=30), lambda at: check_feeds(by=BY, at=at)),
    Job("warn of agreements that end", timedelta(hours=1), lambda at: watch_renewals(by=BY, at=at)),
    Job(
        "send up forgotten promises",
        timedelta(minutes=10),
        lambda at: escalate_overdue(on=timezone.localdate(at), by=BY, at=at),
    ),
    Job("finish destroying", timedelta(minutes=1), lambda at: finish_destructions(by=BY, at=at)),
    Job("sweep the inbox", timedelta(hours=1), lambda at: sweep_inbox(at=at)),
    Job("delete previews of files", timedelta(minutes=10), lambda at: delete_old_drafts(at=at)),
    Job(
        "keep the ledger's root of each day",
        timedelta(minutes=10),
        lambda at: close_day(on=timezone.localdate(at) - timedelta(days=1), by=BY, at=at),
    ),
    Job(
        "publish how data were used",
        timedelta(minutes=10),
        lambda at: account_for_uses(at=at),
    ),
    Job("list publications", timedelta(hours=1), lambda at: rebuild_index()),
]


def work(stop: Event) -> None:
    """Run each job whenever its time has come, one after the other, until told to stop.

    Every job looks at the state of things and does what is missing, so a job that was cut off is simply run again;
    one that fails is logged and holds up no other.
    """
    next_at = {job.name: 0.0 for job in JOBS}
    while not stop.is_set():
        for job in JOBS:
            if time.monotonic() >= next_at[job.name]:
                _run(job)
                next_at[job.name] = time.monotonic() + job.every.total_seconds()
        stop.wait(0.5)


def _run(job: Job) -> None:
    close_old_connections()
    try:
        job.run(timezone.now())
    except Exception:
        logger.exception("The job “%s” failed.", job.name)
