"""Code lists change with the years: a newer one is checked, tried on past events, and adopted by a person."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from factories import person_with, signed_agreement

from throughline.definitions.vocabulary import known_vocabularies
from throughline.evidence.case_definitions.actions import (
    adopt_definition,
    adopt_vocabulary,
    choose_definition,
)
from throughline.evidence.case_definitions.models import AdoptedVocabulary
from throughline.evidence.case_definitions.preview import vocabulary_changes
from throughline.evidence.case_definitions.queries import definition_of, in_use, vocabulary_lines
from throughline.evidence.case_definitions.vocabularies.queries import (
    proposed_vocabulary,
    vocabularies_in_force,
)
from throughline.evidence.feeds.actions import save_mapping
from throughline.evidence.feeds.models import Feed
from throughline.evidence.feeds.receiving import receive_delivery
from throughline.evidence.surveillance.queries import daily_counts
from throughline.ledger.models import Entry
from throughline.members.access import Permission
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Purpose

MONDAY = datetime(2026, 3, 9, 12, tzinfo=UTC)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
CAUSES = "icd10_underlying_drug_poisoning"
ADDRESS = f"/definitions/vocabularies/{CAUSES}/"
NEW = "X49,Poisoning by other chemicals,unintentional,Our coroner,2026-03-01,local"
SOURCE = "Letter of our coroner, March"
# Twelve deaths by a listed cause, eleven by one that only the newer list has, thirty others, all simulated.
CODES = ["X42"] * 12 + ["X49"] * 11 + ["I21"] * 30
MAPPING = {
    "record_id": {"columns": ["number"]},
    "occurred_at": {"columns": ["when"], "time_zone": "America/New_York"},
    "place": {"code": {"columns": ["ward"]}},
    "codes": [{"columns": ["cause"], "name": "underlying_cause"}],
}


def as_csv(*more: str) -> str:
    shipped, written = known_vocabularies()[CAUSES], io.StringIO()
    writer = csv.DictWriter(written, shipped.columns)
    writer.writeheader()
    writer.writerows(shipped.rows)
    return written.getvalue() + "".join(f"{line}\n" for line in more)


def adopt(by: Person, text: str, at: datetime = TUESDAY) -> AdoptedVocabulary:
    return adopt_vocabulary(
        key=CAUSES, text=text, file="causes.csv", dated_on=date(2026, 3, 1), source=SOURCE, by=by, at=at
    )


def upload(text: str | bytes) -> dict[str, Any]:
    content = text.encode() if isinstance(text, str) else text
    return {
        "file": SimpleUploadedFile("causes.csv", content, "text/csv"),
        "dated_on": "2026-03-01",
        "source": SOURCE,
    }


@pytest.fixture
def deaths(feed: Feed, tmp_path: Path) -> Feed:
    save_mapping(feed=feed, definition=MAPPING, by="test", at=MONDAY)
    path = tmp_path / "deaths.csv"
    rows = [f"{n},2026-03-0{1 + n % 7}T10:00,W1,{code}" for n, code in enumerate(CODES)]
    path.write_text("number,when,ward,cause\n" + "\n".join(rows) + "\n")
    receive_delivery(feed=feed, path=path, by="test", at=MONDAY)
    choose_definition(feed=feed, key="death-drug-overdose", by="test", at=MONDAY)
    return feed


@pytest.fixture
def analyst(backbone: Organization) -> Person:
    return person_with(Permission.MANAGE_FEEDS, Permission.VIEW_FEEDS, organization=backbone)


def counted(reader: Organization, at: datetime, as_of: datetime | None = None) -> int:
    return daily_counts(
        indicator="overdoses",
        start=date(2026, 3, 1),
        end=date(2026, 3, 8),
        purpose=Purpose.SURVEILLANCE,
        reader=reader,
        by="test",
        at=at,
        as_of=as_of,
    ).total


def test_counts_rise_from_the_moment_on_in_which_a_list_with_one_code_more_is_adopted(
    deaths: Feed, analyst: Person, backbone: Organization
) -> None:
    signed_agreement(deaths, recipients=[backbone], purposes=["surveillance", "quality"], minimum_cell=10)
    assert counted(backbone, MONDAY) == 12
    proposed = proposed_vocabulary(CAUSES, as_csv(NEW), file="causes.csv", at=TUESDAY)
    found = {one.definition.id: one.changes for one in vocabulary_changes(proposed, by=analyst, at=TUESDAY)}
    [change] = found["death-drug-overdose"]
    assert (change.kept, change.added, change.dropped) == (12, 11, 0)
    assert set(found) == {"death-drug-overdose", "death-opioid-overdose"}
    assert counted(backbone, TUESDAY) == 12
    adopt(analyst, as_csv(NEW))
    assert counted(backbone, WEDNESDAY) == 23
    assert counted(backbone, WEDNESDAY, as_of=MONDAY) == 12


def test_a_definition_says_the_version_of_the_list_that_it_was_resolved_against(
    deaths: Feed, analyst: Person
) -> None:
    adopt(analyst, as_csv(NEW))
    before, after = definition_of(deaths, at=MONDAY), definition_of(deaths, at=TUESDAY)
    assert before is not None
    assert after is not None
    assert (before.version, before.vocabularies) == (1, [(CAUSES, 1)])
    assert (after.version, after.vocabularies) == (1, [(CAUSES, 2)])
    entry = Entry.objects.latest("sequence")
    assert (entry.verb, entry.detail) == (
        "adopt_vocabulary",
        {"key": CAUSES, "version": 2, "codes": 17, "dated_on": "2026-03-01"},
    )


def test_definitions_adopted_here_use_the_list_in_force_too(analyst: Person) -> None:
    own = {
        "id": "own",
        "name": "Own",
        "any": [{"name": "cause", "all": [{"codes": ["underlying_cause"], "vocabulary": CAUSES}]}],
    }
    adopt_definition(document=own, note="A first try.", by=analyst, at=MONDAY)
    adopt(analyst, as_csv(NEW))
    adopt(analyst, as_csv(), at=WEDNESDAY)
    versions = {at: in_use("own", at=at) for at in (MONDAY, TUESDAY, WEDNESDAY)}
    used = [one.definition.vocabularies[0].version for one in versions.values() if one]
    assert used == [1, 2, 3]
    line = next(one for one in vocabulary_lines(at=WEDNESDAY) if one.edition.vocabulary.id == CAUSES)
    assert [one.id for one in line.definitions] == ["death-drug-overdose", "death-opioid-overdose", "own"]


def test_a_list_is_refused_whole(analyst: Person) -> None:
    with pytest.raises(ValidationError) as error:
        adopt(analyst, as_csv("X49,Other,,Our coroner,March,local", "X50,,,Our coroner,2026-03-01,sure"))
    assert error.value.messages == [
        "causes.csv, row 18, field dated: found 'March', expected a day such as 2026-11-22.",
        "causes.csv, row 19, field label: found '', expected something.",
        "causes.csv, row 19, field certainty: found 'sure', expected one of verified, reconstructed, local.",
    ]
    with pytest.raises(ValidationError, match="Nothing was changed: version 1 has the same rows"):
        adopt(analyst, as_csv())
    with pytest.raises(ValidationError, match="And 10 more"):
        adopt(analyst, as_csv(*["X,y"] * 60))
    assert not AdoptedVocabulary.objects.exists()
    assert vocabularies_in_force(at=WEDNESDAY) == known_vocabularies()


def test_a_list_without_the_rows_that_a_definition_chooses_is_refused(analyst: Person) -> None:
    own = {
        "id": "own",
        "name": "Own",
        "any": [{"all": [{"codes": ["cause"], "vocabulary": CAUSES, "where": {"intent": ["undetermined"]}}]}],
    }
    adopt_definition(document=own, note="A first try.", by=analyst, at=MONDAY)
    text = "\n".join(line for line in as_csv(NEW).splitlines() if "undetermined" not in line.lower())
    with pytest.raises(ValidationError, match=r"own, 1: .*where: found"):
        adopt(analyst, text)


def test_the_pages_lead_from_the_list_to_an_adopted_version(
    client_for: Callable[..., Client], deaths: Feed, analyst: Person, backbone: Organization
) -> None:
    today = timezone.localdate()
    signed_agreement(
        deaths,
        recipients=[backbone],
        purposes=["quality"],
        minimum_cell=10,
        starts_on=today - timedelta(days=400),
        ends_on=today + timedelta(days=30),
    )
    client = client_for(analyst)
    assert CAUSES in client.get("/definitions/vocabularies/").text
    page = client.get(ADDRESS).text
    assert "X42" in page
    assert "verified" in page
    file = client.get(f"{ADDRESS}file/").text
    preview = client.post(f"{ADDRESS}change/", upload(file + NEW + "\n"))
    assert "X49" in preview.text
    assert not AdoptedVocabulary.objects.exists()
    confirm = preview.context["confirm"].initial
    client.post(f"{ADDRESS}adopt/", {name: confirm[name] for name in ("file", "text", "dated_on", "source")})
    page = client.get(ADDRESS).text
    assert "Version 2 is in force" in page
    assert SOURCE in page
    assert f"code list {CAUSES}, version 2" in client.get("/definitions/death-drug-overdose/").text
    again = client.post(
        f"{ADDRESS}adopt/",
        {name: confirm[name] for name in ("file", "text", "dated_on", "source")},
        follow=True,
    )
    assert "Nothing was changed: version 2 has the same rows" in again.text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (as_csv("X49,Other,,Our coroner,March,local"), "causes.csv, row 18, field dated: found"),
        ("code;label\nX49;Other\n", "causes.csv, row 1: found the columns"),
        (b"\xff\xfe\x00", "causes.csv, byte 1: expected text in UTF-8"),
        ("x" * 1_000_001, "causes.csv is larger than 1 MB"),
        ("code\n" + "x" * 200_000, "expected a table in CSV"),
    ],
)
def test_bad_files_are_answered_in_words(
    client_for: Callable[..., Client], analyst: Person, content: str | bytes, told: str
) -> None:
    answer = client_for(analyst).post(f"{ADDRESS}change/", upload(content))
    assert answer.status_code == 200
    assert told in answer.text
    assert not AdoptedVocabulary.objects.exists()


def test_a_list_is_replaced_by_whoever_may_manage_feeds(client_for: Callable[..., Client]) -> None:
    reader = client_for(person_with(Permission.VIEW_FEEDS))
    assert reader.get(ADDRESS).status_code == 200
    assert reader.get("/definitions/vocabularies/unknown/").status_code == 404
    assert reader.get(f"{ADDRESS}change/").status_code == 403
    assert reader.post(f"{ADDRESS}adopt/", {"text": as_csv(NEW)}).status_code == 403
