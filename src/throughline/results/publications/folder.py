"""Keeps publications as frozen files: a folder for each version, and the index of what the public sees.

    PUBLICATIONS_DIR/index.json uses.json            replaced as a whole
    PUBLICATIONS_DIR/<slug>/<version>/page.json ...  written once, never again

Knows files only, no database, so that the public site can read it.
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from throughline.results.publications.pages import (
    Entry,
    Page,
    Unreadable,
    checked_slug,
    index_from_json,
    index_to_json,
    page_from_json,
)
from throughline.results.publications.uses import Uses, uses_from_json, uses_to_json

PAGE, TABLE, DICTIONARY, MANIFEST = "page.json", "table.csv", "data-dictionary.csv", "manifest.json"
INDEX = "index.json"
USES = "uses.json"


def root() -> Path:
    return Path(settings.PUBLICATIONS_DIR)


def folder_of(slug: str, version: int) -> Path:
    """Where a version lies. Raises Unreadable for a slug that could lead elsewhere."""
    return root() / checked_slug(slug) / str(version)


@contextmanager
def writing() -> Iterator[None]:
    """One process at a time chooses a version or replaces the index; a crash frees the lock."""
    root().mkdir(parents=True, exist_ok=True)
    with (root() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def freeze(slug: str, version: int, files: Mapping[str, str]) -> None:
    """Write a version whole or not at all. Raises FileExistsError rather than overwrite one."""
    target = folder_of(slug, version)
    if target.exists():
        raise FileExistsError(f"{target} is already published and does not change")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=root()))
    try:
        for name, text in files.items():
            _write(draft / name, text)
        draft.chmod(0o755)  # a web server may serve the folder itself
        _sync(draft)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _sync(target.parent)
    _sync(root())


def versions_on_disk(slug: str) -> list[int]:
    folder = root() / slug
    return sorted(int(entry.name) for entry in folder.glob("*") if entry.name.isdecimal())


def read_frozen(slug: str, version: int, name: str, *, manifest_sha256: str) -> str:
    """The text of a file as it was frozen. Raises Unreadable where it is missing, damaged or altered."""
    manifest = _read(slug, version, MANIFEST)
    if sha256(manifest) != manifest_sha256:
        raise Unreadable(f"{slug}, version {version}: {MANIFEST} was altered")
    if name == MANIFEST:
        return manifest
    text = _read(slug, version, name)
    if sha256(text) != json.loads(manifest)["files"].get(name):
        raise Unreadable(f"{slug}, version {version}: {name} was altered")
    return text


def read_page(slug: str, version: int, *, manifest_sha256: str) -> Page:
    return page_from_json(read_frozen(slug, version, PAGE, manifest_sha256=manifest_sha256))


def read_manifest(slug: str, version: int, *, manifest_sha256: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(
        read_frozen(slug, version, MANIFEST, manifest_sha256=manifest_sha256)
    )
    return content


def _read(slug: str, version: int, name: str) -> str:
    try:
        return (folder_of(slug, version) / name).read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{slug}, version {version}: {name} can't be read") from error


def read_index() -> list[Entry]:
    """What the public sees, newest first; at first nothing. Raises Unreadable where it is damaged."""
    try:
        return index_from_json((root() / INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable("index.json can't be read") from error


def replace_index(entries: list[Entry]) -> None:
    _replace(INDEX, index_to_json(entries))


def read_uses() -> Uses | None:
    """The account of how data were used; None before the first. Raises Unreadable where it is damaged."""
    try:
        return uses_from_json((root() / USES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{USES} can't be read") from error


def replace_uses(uses: Uses) -> None:
    _replace(USES, uses_to_json(uses))


def _replace(name: str, text: str) -> None:
    """Readers see the old file or the new one, never half of it."""
    handle, draft_name = tempfile.mkstemp(prefix=".index-", dir=root())
    os.close(handle)
    draft = Path(draft_name)
    try:
        _write(draft, text)
        draft.replace(root() / name)
    finally:
        draft.unlink(missing_ok=True)
    _sync(root())


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def faults_of(slug: str, version: int, manifest_sha256: str) -> list[str]:
    """How a version differs from what was frozen; empty where nothing was altered, removed or added."""
    try:
        manifest = read_manifest(slug, version, manifest_sha256=manifest_sha256)
    except Unreadable as error:
        return [str(error)]
    return _altered(slug, version, manifest["files"])


def _altered(slug: str, version: int, frozen: Mapping[str, str]) -> list[str]:
    present = {entry.name for entry in folder_of(slug, version).iterdir()} - {MANIFEST}
    return (
        [f"{name} is missing" for name in sorted(frozen.keys() - present)]
        + [f"{name} was added" for name in sorted(present - frozen.keys())]
        + [
            f"{name} was altered"
            for name in sorted(frozen.keys() & present)
            if hashlib.sha256((folder_of(slug, version) / name).read_bytes()).hexdigest() != frozen[name]
        ]
    )


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o644)


def _sync(folder: Path) -> None:
    """A rename is safe from a power cut once its folder is on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
