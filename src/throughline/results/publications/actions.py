"""Publishes what changed: frozen, suppressed files that the public site reads."""

import json
from dataclasses import replace
from datetime import datetime
from itertools import chain, count, groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.text import slugify
from django.utils.translation import gettext as _

from throughline.ledger.actions import record
from throughline.members.accounts.models import Person
from throughline.results.evaluation.models import Effect
from throughline.results.publications import folder
from throughline.results.publications.drafts import Draft, draft_page
from throughline.results.publications.models import Publication
from throughline.results.publications.pages import (
    GROUPS,
    WINDOWS,
    Entry,
    Listed,
    as_json,
    data_dictionary_csv,
    table_csv,
)
from throughline.results.publications.queries import agreements_for_publishing

RULES = [
    "Counts from 1 to the minimum cell less 1 are withheld.",
    "So are other counts and sums from which a withheld one could be worked out.",
    "Ratio, interval and finding are published only where no count is withheld.",
    "Counts are released only where subtracting an earlier publication gives no small count away.",
    "Words typed by people hold no figures.",
]


def publish_effect(*, effect: Effect, title: str, summary: str, by: Person, at: datetime) -> Publication:
    """Freeze and publish an effect; a later measurement of the same response becomes the next version.

    1. The typed words are checked for figures, and the counts are read again for the purpose of publishing.
    2. The page is made from released cells alone.
    3. Its files are written to a draft folder and flushed to disk; the folder is renamed to
       `<slug>/<version>`. Nothing lists it yet, so nobody sees it.
    4. The register's row and the ledger entry are committed together: now it is a publication.
    5. After the commit the index is replaced as a whole: now the public sees it, without any database.

    One at a time, from 1 until the commit: a page is checked against all that others published before it.

    A crash before 4 leaves at most a folder that nobody sees; its number is never used again. A crash between
    4 and 5 leaves a publication that the next `rebuild_index` shows. No step overwrites a version.

    Raises ValidationError where the words hold figures, no agreement allows it, or no safe table exists.
    """
    if not title.strip():
        raise ValidationError({"title": _("Give the page a title.")})
    with folder.writing():
        draft = draft_page(effect=effect, title=title, summary=summary, by=by, at=at)
        publication = _register(draft, effect=effect, by=by, at=at)
    transaction.on_commit(rebuild_index)
    return publication


@transaction.atomic(durable=True)
def _register(draft: Draft, *, effect: Effect, by: Person, at: datetime) -> Publication:
    """Durable: whoever publishes next must find the committed row once the lock is free."""
    publication = _freeze(draft, effect=effect, by=by, at=at)
    record(
        "publish_effect",
        by=by,
        at=at,
        subject=publication,
        detail={"effect": effect.pk, "manifest": publication.manifest_sha256},
    )
    return publication


def rebuild_index() -> None:
    """List for the public, newest first, what the register holds and the files bear out."""
    with folder.writing():
        rows = Publication.objects.order_by("slug", "-version")
        newest = [_index_entry(list(versions)) for _slug, versions in groupby(rows, key=lambda row: row.slug)]
        listed = [entry for entry in newest if entry]
        folder.replace_index(sorted(listed, key=lambda entry: entry.published_at, reverse=True))


def _freeze(draft: Draft, *, effect: Effect, by: Person, at: datetime) -> Publication:
    slug = _slug_for(effect, draft.page.title)
    previous = Publication.objects.filter(slug=slug).order_by("-version").first()
    version = 1 + max([*folder.versions_on_disk(slug), previous.version if previous else 0])
    page = replace(draft.page, slug=slug, version=version)
    files = {
        folder.PAGE: page.to_json(),
        folder.TABLE: table_csv(page),
        folder.DICTIONARY: data_dictionary_csv(),
    }
    manifest = as_json(_manifest(replace(draft, page=page), effect, previous, files))
    folder.freeze(slug, version, files | {folder.MANIFEST: manifest})
    return Publication.objects.create(
        slug=slug,
        version=version,
        title=page.title,
        effect=effect,
        manifest_sha256=folder.sha256(manifest),
        published_at=at,
        published_by=by,
    )


def _slug_for(effect: Effect, title: str) -> str:
    """All versions about one response share a slug, whatever their titles."""
    earlier = Publication.objects.filter(effect__response=effect.response).first()
    if earlier:
        return earlier.slug
    wanted = slugify(title)[:70].strip("-_").replace("_", "-") or "publication"
    taken = set(Publication.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(slug for slug in chain([wanted], (f"{wanted}-{n}" for n in count(2))) if slug not in taken)


def _manifest(
    draft: Draft, effect: Effect, previous: Publication | None, files: dict[str, str]
) -> dict[str, Any]:
    """How the page was made, for anyone who checks it; public, so nothing in it tells a withheld count."""
    page = draft.page
    return {
        "slug": page.slug,
        "version": page.version,
        "previous": previous and {"version": previous.version, "manifest_sha256": previous.manifest_sha256},
        "published_at": page.published_at,
        "publisher": page.publisher,
        "indicator": effect.indicator,
        "measured_at": effect.measured_at,
        "as_of": effect.as_of,
        "feeds": list(draft.feeds),
        "agreements": agreements_for_publishing(draft.feeds, on=timezone.localdate(page.published_at)),
        # Keyed: a plain hash of four small counts is found by trying all of them.
        "inputs_hmac_sha256": _seal(effect),
        "suppression": {
            "minimum_cell": page.minimum_cell,
            "rules": RULES,
            "cells": len(GROUPS) * len(WINDOWS),
            "withheld": page.withheld,
            "audit": "An attack by linear programs bounds no small count below the minimum cell.",
        },
        "files": {name: folder.sha256(text) for name, text in files.items()},
    }


def _seal(effect: Effect) -> str:
    counts = [effect.before, effect.after, effect.comparison_before, effect.comparison_after]
    return salted_hmac("throughline.results.publications", json.dumps(counts), algorithm="sha256").hexdigest()


def _index_entry(versions: list[Publication]) -> Entry | None:
    """The newest whole version in front, and all whole versions; None where there is none."""
    whole = [row for row in versions if not folder.faults_of(row.slug, row.version, row.manifest_sha256)]
    if not whole:
        return None
    page = folder.read_page(whole[0].slug, whole[0].version, manifest_sha256=whole[0].manifest_sha256)
    return Entry(
        slug=page.slug,
        version=page.version,
        title=page.title,
        published_at=page.published_at,
        conclusion=page.conclusion,
        places=page.places,
        versions=[Listed(row.version, row.published_at, row.manifest_sha256) for row in whole],
    )
