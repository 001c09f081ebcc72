"""`throughline verify`: the ledger and what was published are as they were written."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from factories import make_person

from throughline.cli.commands import throughline
from throughline.results.publications import folder
from throughline.results.publications.models import Publication


@pytest.fixture
def publication(db: None, settings: Any, tmp_path: Path) -> Publication:
    settings.PUBLICATIONS_DIR = tmp_path
    page = "{}\n"
    manifest = '{"files": {"page.json": "' + folder.sha256(page) + '"}}'
    folder.freeze("ward-8", 1, {"page.json": page, "manifest.json": manifest})
    return Publication.objects.create(
        slug="ward-8",
        version=1,
        title="Ward 8",
        manifest_sha256=folder.sha256(manifest),
        published_at=datetime(2026, 3, 7, tzinfo=UTC),
        published_by=make_person(),
    )


def verify() -> Result:
    return CliRunner().invoke(throughline, ["verify"])


def test_what_is_whole_is_called_whole(publication: Publication) -> None:
    assert verify().exit_code == 0
    assert "The ledger is whole" in verify().output


def test_an_altered_page_is_named(publication: Publication) -> None:
    (folder.folder_of("ward-8", 1) / "page.json").write_text("{ }\n")
    assert verify().exit_code == 2
    assert "ward-8, version 1: page.json was altered" in verify().output
