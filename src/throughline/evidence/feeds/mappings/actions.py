"""What people do with a mapping in the making: try it out on a file, and receive that very file."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from throughline.evidence.feeds.actions import hand_over_file
from throughline.evidence.feeds.mappings.drafts import Draft, change_draft, delete_old_drafts, keep_draft
from throughline.evidence.feeds.models import Door, Feed, Intake
from throughline.evidence.feeds.queries import gazetteer
from throughline.formats.faults import UnreadableFile
from throughline.formats.proposal import propose_mapping
from throughline.formats.registry import known_formats
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person


def preview_file(
    *, feed: Feed, chunks: Iterable[bytes], file_name: str, time_zone: str, by: Person, at: datetime
) -> Draft:
    """Keep a file for a preview, with the mapping that is proposed for it.

    Raises ValidationError for a file that is no table: what it is instead, and what to do.
    """
    delete_old_drafts(at=at)
    draft = keep_draft(feed=feed, chunks=chunks, file_name=file_name, time_zone=time_zone, by=by, at=at)
    try:
        _check_table(draft)
        proposal = propose_mapping(draft.file, gazetteer(), time_zone=time_zone)
        if not proposal.sample.rows:
            raise ValidationError(_("%s has column names and no rows. Choose a file with rows.") % file_name)
        draft = change_draft(draft, dict(proposal.document))
    except BaseException as fault:
        draft.delete()
        if isinstance(fault, UnreadableFile):
            raise ValidationError(str(UnreadableFile(file_name, fault.found, fault.expected))) from fault
        raise
    record("preview_file", by=by, at=at, subject=feed, detail={"bytes": draft.file.stat().st_size})
    return draft


def receive_draft(*, feed: Feed, draft: Draft, by: Person, at: datetime) -> Intake:
    """Hand over the file that the mapping was tried out on; the preview is gone then."""
    with draft.file.open("rb") as file:
        intake = hand_over_file(
            feed=feed,
            file=iter(lambda: file.read(1024 * 1024), b""),
            file_name=draft.file_name,
            by=by,
            at=at,
            door=Door.UPLOAD,
        )
    draft.delete()
    return intake


def _check_table(draft: Draft) -> None:
    """A standard's file needs no columns mapped: its feed has the standard's format, which brings its mapping."""
    head = _head(draft)
    for known in known_formats().values():
        if known.MAPPING is not None and known.recognizes(head):
            raise ValidationError(
                _("The file is %(format)s, which needs no mapping of columns. Set up a feed of this format.")
                % {"format": _(known.NAME)}
            )


def _head(draft: Draft) -> bytes:
    with draft.file.open("rb") as file:
        return file.read(4096)
