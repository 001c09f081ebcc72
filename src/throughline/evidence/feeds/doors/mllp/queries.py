"""Where a feed's messages lie, and why some of them were turned down."""

from collections import Counter
from pathlib import Path

from django.conf import settings

from throughline.evidence.feeds.doors.mllp.spool import reasons_aside
from throughline.evidence.feeds.models import Feed
from throughline.formats.faults import Reason


def spool_of(feed: Feed) -> Path:
    return Path(settings.HOME) / "mllp" / feed.key


def kept_aside(feed: Feed) -> list[tuple[Reason, int]]:
    """How many messages lie aside for each reason, the commonest first; of their content, nothing."""
    return Counter(reasons_aside(spool_of(feed))).most_common()
