"""Keeps files that were handed over until a worker has received them: each of them whole, or not at all."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from throughline.evidence.feeds.models import Intake
from throughline.warehouse.files import create, make_folder, sync

_YOUNG = timedelta(minutes=1)  # whoever writes a file has locked it by then
_LONGEST_NAME = 255


@contextmanager
def kept(chunks: Iterable[bytes]) -> Iterator[tuple[str, int]]:
    """Write a file into the inbox, safe from a power cut; its name there and its size.

    What the block doesn't finish, is gone. Until the block ends, the file is locked: nobody receives it or sweeps
    it away, but the operating system drops the lock of a process that is killed. Raises ValidationError where the
    file is too large.
    """
    make_folder(settings.INBOX_DIR)
    whole = settings.INBOX_DIR / str(uuid4())
    part = whole.with_suffix(".part")
    try:
        with create(part) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            size = sum(file.write(chunk) for chunk in within_limit(chunks))
            file.flush()
            os.fsync(file.fileno())
            part.rename(whole)
            sync(settings.INBOX_DIR)
            yield whole.name, size
    except BaseException:
        for left in (part, whole):
            left.unlink(missing_ok=True)
        raise


def within_limit(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > settings.FEED_FILE_MAX_BYTES:
            limit = filesizeformat(settings.FEED_FILE_MAX_BYTES)
            raise ValidationError(
                _("The file is larger than %(limit)s. Split it by date.") % {"limit": limit}, code="too_large"
            )
        yield chunk


def name_to_keep(file_name: str) -> str:
    """A file's name as databases and pages can take it: without control and broken characters, of bounded length.

    >>> name_to_keep("run\\x00s\\udce9.csv")
    'run?s?.csv'
    """
    printable = "".join(letter if letter.isprintable() else "?" for letter in file_name)
    return printable[-_LONGEST_NAME:] or "?"


def sweep_inbox(*, at: datetime) -> list[str]:
    """Remove what crashes left: files that are half written, were never noted down, or are received already."""
    if not settings.INBOX_DIR.exists():
        return []
    swept = [path for path in sorted(settings.INBOX_DIR.iterdir()) if _is_left_over(path, at)]
    for path in swept:
        path.unlink(missing_ok=True)
    return [path.name for path in swept]


def _is_left_over(path: Path, at: datetime) -> bool:
    """The lock comes before the question to the database: whoever held it has noted the file down by then."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_young = os.fstat(file.fileno()).st_mtime > (at - _YOUNG).timestamp()
            return not is_young and not Intake.objects.filter(path=path.name, delivery=None).exists()
    except (BlockingIOError, FileNotFoundError):
        return False
