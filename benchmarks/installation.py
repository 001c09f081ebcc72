"""An empty installation on SQLite in a folder of its own, for benchmarks that receive files: import it first."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_FOLDER = tempfile.TemporaryDirectory(prefix="throughline-benchmark-")
HOME = Path(_FOLDER.name)
os.environ |= {
    "DATABASE_URL": f"sqlite:///{HOME}/throughline.sqlite3",
    "DJANGO_SETTINGS_MODULE": "throughline.config.settings",
    "THROUGHLINE_DEBUG": "yes",
    "THROUGHLINE_HOME": str(HOME),
}

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from throughline.evidence.feeds.actions import add_feed, save_mapping  # noqa: E402
from throughline.evidence.feeds.models import Feed  # noqa: E402
from throughline.members.organizations.actions import add_organization  # noqa: E402
from throughline.members.organizations.models import Sector  # noqa: E402
from throughline.members.places.models import Place  # noqa: E402

WHO = {"by": "system:benchmark", "at": datetime(2026, 1, 1, tzinfo=UTC)}


def set_up(key: str, sector: Sector, mapping: Mapping[str, Any], places: Iterable[Place]) -> Feed:
    """A database with these places and one feed, whose files are read by this mapping."""
    call_command("migrate", verbosity=0)
    Place.objects.bulk_create(places)
    agency = add_organization(name="Agency", sector=sector, is_backbone=False, **WHO)
    feed = add_feed(key=key, name=key, provider=agency, **WHO)
    save_mapping(feed=feed, definition=mapping, **WHO)
    return feed
