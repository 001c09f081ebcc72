"""Commands that set an installation up: the backbone, places, people, agreements, feeds."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from throughline.cli.door import AT, BY, COMMAND_LINE, Fault, find
from throughline.evidence.agreements.actions import draft_agreement, sign_agreement
from throughline.evidence.agreements.drafting.actions import send_for_signature, send_to_review
from throughline.evidence.agreements.models import Agreement, Tier
from throughline.evidence.feeds.actions import add_feed, save_mapping
from throughline.evidence.feeds.models import Feed
from throughline.members.accounts.actions import add_person, set_password
from throughline.members.accounts.models import Person
from throughline.members.groups.actions import add_group, add_seat
from throughline.members.groups.roster.actions import import_roster
from throughline.members.groups.roster.rows import read_roster
from throughline.members.organizations.actions import add_organization
from throughline.members.organizations.models import Organization, Sector
from throughline.members.places.actions import import_places
from throughline.members.places.reading import PlaceColumns

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
BACKBONE_ROLES = ("administrator", "project_manager", "analyst", "privacy_officer")


@click.command("init")
@click.option("--organization", required=True, help="The backbone: who runs this installation.")
@click.option("--name", required=True, help="Your name.")
@click.option("--email", required=True, help="Your e-mail address, to sign in with.")
@click.password_option(help="At least 12 characters.")
def init(organization: str, name: str, email: str, password: str) -> None:
    """Prepare the database, and seat you in the backbone with every role until others take over."""
    Path(settings.HOME).mkdir(mode=0o700, parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    at = timezone.now()
    with transaction.atomic():
        backbone = add_organization(
            name=organization, sector=Sector.PUBLIC_HEALTH, is_backbone=True, by=COMMAND_LINE, at=at
        )
        person = add_person(full_name=name, email=email, organization=backbone, by=COMMAND_LINE, at=at)
        set_password(person, password=password, by=COMMAND_LINE, at=at)
        group = add_group(name="Backbone", kind="backbone", by=COMMAND_LINE, at=at)
        for role in BACKBONE_ROLES:
            title = role.replace("_", " ").capitalize()
            add_seat(
                group=group,
                title=title,
                role=role,
                organization=backbone,
                holder=person,
                by=COMMAND_LINE,
                at=at,
            )
    click.echo(f"Ready. Start the site with `throughline serve` and sign in as {email}.")


@click.command("import-places")
@click.argument("table", type=FILE, required=False)
@click.option("--boundaries", type=FILE, help="A GeoJSON file of boundaries.")
@click.option(
    "--code-property", default="code", show_default=True, help="The GeoJSON property with the code."
)
@click.option("--code-column", default="code", show_default=True)
@click.option("--name-column")
@click.option("--kind-column")
@click.option("--parent-column")
@click.option("--latitude-column")
@click.option("--longitude-column")
@click.option("--population-column")
@click.option("--as-of-column", help="A year or day: of several rows of a place the latest counts.")
@click.option("--kind", default="place", show_default=True, help="What the places are, such as tract.")
def places(
    table: Path | None, boundaries: Path | None, code_property: str, kind: str, **columns: str | None
) -> None:
    """Bring places in from a CSV or XLSX table, from boundaries, or both: all of them or none."""
    named = {option.removesuffix("_column"): column for option, column in columns.items() if column}
    receipt = import_places(
        table=table,
        boundaries=boundaries,
        code_property=code_property,
        columns=PlaceColumns(**named),
        default_kind=kind,
        by=COMMAND_LINE,
        at=timezone.now(),
    )
    _stop_at(receipt.faults)
    click.echo(f"{receipt.created} places new, {receipt.updated} changed, {receipt.unchanged} as they were.")


@click.command("import-roster")
@click.argument("file", type=FILE)
def roster(file: Path) -> None:
    """Bring in people, organizations, groups and seats from a CSV or XLSX table."""
    receipt = import_roster(table=read_roster(file), by=COMMAND_LINE, at=timezone.now())
    _stop_at(receipt.faults)
    click.echo(f"{receipt.good_rows} rows stored.")


@click.command("add-feed")
@click.argument("key")
@click.option("--name", required=True)
@click.option("--provider", required=True, help="The organization that sends the files.")
@click.option(
    "--format", default="tabular", show_default=True, help="What the files are: a key of the list of formats."
)
@click.option("--mapping", "mapping_file", type=FILE, help="A JSON file that says which column is what.")
@click.option("--steward", help="E-mail address of who answers for the feed.")
@click.option("--every", "expected_every_days", type=click.IntRange(1), help="The promised rhythm, in days.")
@click.option("--counts-for", multiple=True, help="An indicator that is counted from this feed; repeatable.")
@click.option("--part2", "is_part2", is_flag=True, help="Records of treatment: shown only with consent.")
def feed(key: str, provider: str, mapping_file: Path | None, steward: str | None, **facts: Any) -> None:
    """Set up a feed, with its mapping where you have one."""
    at = timezone.now()
    with transaction.atomic():
        added = add_feed(
            key=key,
            provider=find(Organization, name=provider),
            steward=find(Person, email__iexact=steward) if steward else None,
            by=COMMAND_LINE,
            at=at,
            **facts,
        )
        if mapping_file:
            save_mapping(feed=added, definition=read_json(mapping_file), by=COMMAND_LINE, at=at)
    click.echo(f"The feed “{key}” is set up.")


@click.command("save-mapping")
@click.argument("feed_key")
@click.argument("file", type=FILE)
def mapping(feed_key: str, file: Path) -> None:
    """Add a version of a feed's mapping."""
    saved = save_mapping(
        feed=find(Feed, key=feed_key), definition=read_json(file), by=COMMAND_LINE, at=timezone.now()
    )
    click.echo(f"Version {saved.version} of the mapping of “{feed_key}” is in use.")


@click.command("draft-agreement")
@click.argument("file", type=FILE)
@click.option(
    "--for-review", is_flag=True, help="Leave it with counsel, instead of sending it for signature."
)
@AT
def agreement(file: Path, for_review: bool, at: datetime) -> None:
    """Draft an agreement from a JSON file; it shares nothing before every party has signed."""
    drafted = draft_from_document(read_json(file), by=COMMAND_LINE, at=at)
    send = send_to_review if for_review else send_for_signature
    send(agreement=drafted, by=COMMAND_LINE, at=at)
    waiting = ", ".join(party.name for party in drafted.unsigned_parties())
    click.echo(f"Agreement {drafted.pk} is drafted and waits for: {waiting}.")


@click.command("sign-agreement")
@click.argument("number", type=int)
@click.option("--for", "party", required=True, help="The organization that signs.")
@click.option(
    "--text", default="", help="The SHA-256 of the text that was read; the present text, unless told."
)
@BY
@AT
def signature(number: int, party: str, text: str, by: Person, at: datetime) -> None:
    """Sign an agreement for one of its parties."""
    found = find(Agreement, pk=number)
    organization = find(Organization, name=party)
    sign_agreement(
        agreement=found, organization=organization, text_hash=text or found.text_hash, by=by, at=at
    )
    waiting = ", ".join(party.name for party in found.unsigned_parties())
    click.echo(
        f"Agreement {number} waits for: {waiting}." if waiting else f"Agreement {number} is signed by all."
    )


_OPTIONAL_TERMS = (
    *("tier", "minimum_cell", "forbidden_purposes", "precision", "rows"),
    *("linkages", "breach_hours", "destruction_days", "clauses"),
)


def draft_from_document(document: dict[str, Any], *, by: object, at: datetime) -> Agreement:
    """An agreement from its JSON form: organizations by name, days in ISO form."""
    ends_on = document.get("ends_on")
    try:
        facts = {
            "title": document["title"],
            "feed": document.get("feed", "") if document.get("tier") == Tier.MEMORANDUM else document["feed"],
            "provider": find(Organization, name=document["provider"]),
            "recipients": [find(Organization, name=name) for name in document["recipients"]],
            "purposes": document["purposes"],
            "fields": document.get("fields", ())
            if document.get("tier") == Tier.MEMORANDUM
            else document["fields"],
            "starts_on": date.fromisoformat(document["starts_on"]),
        }
    except KeyError as missing:
        raise ValidationError(f"The agreement has no {missing}.") from missing
    except ValueError as fault:
        raise ValidationError(f"{fault}; expected a day such as 2026-03-07.") from fault
    optional = {name: document[name] for name in _OPTIONAL_TERMS if name in document}
    if number := document.get("parent"):
        optional["parent"] = find(Agreement, pk=number)
    passed_to = [find(Organization, name=name) for name in document.get("onward_recipients", ())]
    return draft_agreement(
        **facts,
        **optional,
        onward_recipients=passed_to,
        ends_on=date.fromisoformat(ends_on) if ends_on else None,
        by=by,
        at=at,
    )


def read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as fault:
        raise Fault(f"{file.name}: {fault}. Expected a JSON document in UTF-8.") from fault


def _stop_at(faults: Iterable[object]) -> None:
    if told := [str(fault) for fault in faults]:
        raise Fault("\n".join(["Nothing was stored:", *told]))


COMMANDS = [init, places, roster, feed, mapping, agreement, signature]
