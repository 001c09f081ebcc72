"""Keeps a file that a mapping is tried out on: for its owner only, and for a few hours."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from throughline.evidence.feeds.inbox import within_limit
from throughline.evidence.feeds.models import Feed
from throughline.members.accounts.models import Person
from throughline.warehouse.files import create, make_folder

KEPT_FOR = timedelta(hours=4)
_FILE, _FACTS = "file", "draft.json"


@dataclass(frozen=True)
class Draft:
    """A mapping in the making. Its file lies in a folder of its own, and never in the database."""

    id: str
    feed: str
    owner: int
    file_name: str
    made_at: str
    definition: dict[str, Any]
    time_zone: str

    @property
    def file(self) -> Path:
        return _folder(self.id) / _FILE

    def delete(self) -> None:
        shutil.rmtree(_folder(self.id), ignore_errors=True)


def keep_draft(
    *, feed: Feed, chunks: Iterable[bytes], file_name: str, time_zone: str, by: Person, at: datetime
) -> Draft:
    """Keep a file, so far without a mapping. Raises ValidationError where it is too large."""
    draft = Draft(str(uuid4()), feed.key, by.pk, file_name, at.isoformat(), {}, time_zone)
    try:
        make_folder(_folder(draft.id))
        with create(draft.file) as file:
            file.writelines(within_limit(chunks))
        _write(draft)
    except BaseException:
        draft.delete()
        raise
    return draft


def change_draft(draft: Draft, definition: dict[str, Any]) -> Draft:
    changed = replace(draft, definition=definition)
    _write(changed)
    return changed


def find_draft(pk: UUID, *, feed: Feed, owner: Person) -> Draft | None:
    """None where it was never there, is gone by now, or is someone else's."""
    try:
        draft = Draft(**json.loads((_folder(str(pk)) / _FACTS).read_text()))
    except FileNotFoundError:
        return None
    return draft if (draft.feed, draft.owner) == (feed.key, owner.pk) else None


def delete_old_drafts(*, at: datetime) -> int:
    """Remove what nobody came back to; how many there were."""
    folders = settings.PREVIEWS_DIR.iterdir() if settings.PREVIEWS_DIR.exists() else ()
    old = [folder for folder in folders if folder.stat().st_mtime < (at - KEPT_FOR).timestamp()]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _folder(draft_id: str) -> Path:
    return settings.PREVIEWS_DIR / draft_id


def _write(draft: Draft) -> None:
    """Under another name first, so that nobody reads half of it; this also marks the folder as used just now."""
    facts = _folder(draft.id) / _FACTS
    part = facts.with_suffix(".part")
    part.unlink(missing_ok=True)
    with create(part) as file:
        file.write(json.dumps(asdict(draft)).encode())
    part.replace(facts)
