"""The door for agencies that lay files into a folder: takes each once it is whole, and says what became of it."""

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from throughline.evidence.feeds.actions import hand_over_file
from throughline.evidence.feeds.inbox import name_to_keep
from throughline.evidence.feeds.models import Delivery, Door, Feed, Intake
from throughline.evidence.feeds.queries import changed_since

logger = logging.getLogger(__name__)

BY = "system:folder"
RECEIVED, REFUSED = "received", "refused"
DONE = ".done"  # an empty companion that says its file is whole
# What programs call a file that they are still writing; it is renamed when it is whole.
UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", "~")

_NAMESPACE = UUID("5c1d3f0a-6f0c-5b0e-9a55-0d6c5f9f5d1e")
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Dropped:
    """A file in a feed's folder, as it was when it was looked at."""

    feed: Feed
    path: Path
    facts: os.stat_result
    has_companion: bool

    @property
    def intake_id(self) -> UUID:
        """The same for the same file as long as nobody touches it: so it is handed over once, whatever is killed."""
        known = (self.feed.key, os.fsencode(self.path.name), self.facts.st_ino, *_state(self.facts))
        return uuid5(_NAMESPACE, repr(known))

    def is_whole(self, at: datetime) -> bool:
        """It has its companion, or has been still for long enough by the clock that writers can't set."""
        return self.has_companion or at.timestamp() - self.facts.st_ctime >= settings.DROP_STILL_SECONDS


def collect_drops(*, at: datetime) -> list[Intake]:
    """Hand over the files that are whole; move those that were received or refused, with a note beside each.

    A file stays where it is until the worker is done with it, so a kill at any instant loses none. One that was
    handed over twice nevertheless is received once, since its content is known.
    """
    taken = [_take(dropped, at) for dropped in _dropped() if dropped.is_whole(at)]
    return [intake for intake in taken if intake]


def _take(dropped: Dropped, at: datetime) -> Intake | None:
    try:
        known = Intake.objects.filter(pk=dropped.intake_id).select_related("delivery").first()
        if known is None:
            return _hand_over(dropped, at)
        if known.finished_at:
            _move(dropped, known)
    except (FileNotFoundError, IntegrityError):
        pass  # whoever laid it there took it away again, or another worker was faster
    except ValidationError as fault:
        _put_away(dropped, REFUSED, " ".join(fault.messages))
    except OSError as fault:
        logger.warning("The file %r can't be taken or moved: %s.", dropped.path, fault)
    return None


def _dropped() -> Iterator[Dropped]:
    folders = {
        entry.name: entry for entry in _entries(settings.DROP_DIR) if entry.is_dir(follow_symlinks=False)
    }
    for feed in Feed.objects.filter(key__in=folders) if folders else ():
        entries = _entries(Path(folders[feed.key]))
        names = {entry.name for entry in entries}
        for entry in filter(_is_for_us, entries):
            with suppress(OSError):
                facts = entry.stat(follow_symlinks=False)
                yield Dropped(feed, Path(entry), facts, has_companion=entry.name + DONE in names)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as fault:
        logger.warning("The folder %r can't be looked into: %s.", folder, fault)
        return []


def _is_for_us(entry: os.DirEntry[str]) -> bool:
    """Plain files only: a link could lead to what is nobody's to read here."""
    name = entry.name
    unfinished = name.startswith(".") or name.lower().endswith(UNFINISHED)
    return not unfinished and not name.endswith(DONE) and entry.is_file(follow_symlinks=False)


def _hand_over(dropped: Dropped, at: datetime) -> Intake:
    with closing(_open(dropped)) as file:
        return hand_over_file(
            feed=dropped.feed,
            file=_unchanged(file, dropped),
            file_name=dropped.path.name,
            by=BY,
            at=at,
            door=Door.FOLDER,
            intake_id=dropped.intake_id,
        )


def _open(dropped: Dropped) -> BinaryIO:
    """Without waiting (a pipe would hold up the worker) and without following a link that took the file's place."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    file = os.fdopen(os.open(dropped.path, flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise FileNotFoundError(dropped.path)
    return file


def _unchanged(file: BinaryIO, dropped: Dropped) -> Iterator[bytes]:
    """Its content; FileNotFoundError, in the end, if it was written to since it was looked at."""
    while chunk := file.read(_CHUNK):
        yield chunk
    if _state(os.fstat(file.fileno())) != _state(dropped.facts):
        raise FileNotFoundError(dropped.path)


def _state(facts: os.stat_result) -> tuple[int, ...]:
    return facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def _move(dropped: Dropped, intake: Intake) -> None:
    if intake.delivery:
        _put_away(dropped, RECEIVED, receipt_in_words(intake.delivery))
    else:
        _put_away(dropped, REFUSED, intake.refusal)


def _put_away(dropped: Dropped, part: str, sentence: str) -> None:
    """The note comes first: a file that lies among the refused always says why.

    The companion goes before its file does: left behind, it would call the next file of that name whole.
    """
    target = _free(_folder(dropped, part), dropped)
    note = _note_beside(target)
    _write_note(note, sentence)
    if dropped.has_companion:
        dropped.path.with_name(dropped.path.name + DONE).unlink(missing_ok=True)
    dropped.path.rename(target)
    if not _is_same(target.lstat(), dropped.facts):
        note.unlink()
        _give_back(target, dropped)


def _note_beside(target: Path) -> Path:
    return target.with_name(target.name + ".txt")


def _write_note(note: Path, sentence: str) -> None:
    """Into a new file: whatever the agency laid in its place is neither followed nor overwritten."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(note, flags, 0o640), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o640)
        file.write(sentence + "\n")


def _is_same(facts: os.stat_result, known: os.stat_result) -> bool:
    """Moving a file changes its ctime only."""
    return (facts.st_ino, facts.st_size, facts.st_mtime_ns) == (
        known.st_ino,
        known.st_size,
        known.st_mtime_ns,
    )


def _give_back(moved: Path, dropped: Dropped) -> None:
    """Another file took the name in the last instant: it goes back to where it is received in its turn."""
    try:
        os.link(moved, dropped.path, follow_symlinks=False)
    except FileExistsError:
        os.link(
            moved, dropped.path.with_name(f"{uuid4().hex[:8]}-{dropped.path.name}"), follow_symlinks=False
        )
    moved.unlink()


def _folder(dropped: Dropped, part: str) -> Path:
    """Open to those to whom the feed's own folder is open, however tight the service's mask is."""
    folder = dropped.path.parent / part
    if folder.is_symlink():
        raise NotADirectoryError(f"{folder} is a link, which could lead into another agency's folder")
    if not folder.is_dir():
        folder.mkdir()
        folder.chmod(stat.S_IMODE(dropped.path.parent.stat().st_mode))
    return folder


def _free(folder: Path, dropped: Dropped) -> Path:
    """Its own name, or if an earlier file has that, one that says which of them it is."""
    own = folder / dropped.path.name
    if len(os.fsencode(own.name)) <= 250 and not any(map(os.path.lexists, (own, _note_beside(own)))):
        return own
    return folder / f"{uuid4().hex[:8]}-{name_to_keep(own.name)[-60:]}"


def receipt_in_words(delivery: Delivery) -> str:
    counts = {name: getattr(delivery, name) for name in ("rows", "accepted", "duplicates", "quarantined")}
    received = _(
        "Received: %(rows)d rows = %(accepted)d accepted + %(duplicates)d duplicates + %(quarantined)d set aside."
    )
    return " ".join([received % counts, *_further_words(delivery)])


def _further_words(delivery: Delivery) -> Iterator[str]:
    if delivery.duplicates and delivery.repeated is not None:
        yield _(
            "Of the duplicates, %(repeated)d repeat another row of this file, and %(before)d had been received "
            "before, unchanged."
        ) % {"repeated": delivery.repeated, "before": delivery.received_before}
    if changed := changed_since(delivery):
        yield _(
            "Later files changed %(changed)d of its records, and that stays; its receipt's page offers to receive "
            "it again."
        ) % {"changed": changed}
