"""The command that says who could read what of a feed, and why."""

import json
from datetime import date
from typing import Any

import click
from django.utils import timezone

from throughline.cli.door import Day, Fault, PersonType, find
from throughline.evidence.agreements.queries import access_to
from throughline.evidence.feeds.models import Feed
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import OWN, Access, Allowance, Purpose, Reason


@click.command("explain-access")
@click.option("--organization", help="Whose access: an organization by its name.")
@click.option("--person", type=PersonType(), help="Or a person, who reads in the name of their organization.")
@click.option("--feed", "feed_key", required=True, help="The feed's key.")
@click.option("--purpose", type=click.Choice([purpose.value for purpose in Purpose]), required=True)
@click.option("--through", help="Not from the provider but from this organization, which received it.")
@click.option("--on", type=Day(), default=timezone.localdate, help="On which day; today, unless told.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def explain_access(
    *,
    organization: str | None,
    person: Person | None,
    feed_key: str,
    purpose: str,
    through: str | None,
    on: date,
    as_json: bool,
) -> None:
    """Say what somebody could read of a feed, under which agreement, and what forbids the rest."""
    feed, reader = find(Feed, key=feed_key), _reader(organization, person)
    access = access_to(
        feed.key,
        provider=feed.provider,
        reader=reader,
        purpose=Purpose(purpose),
        on=on,
        through=find(Organization, name=through) if through else None,
    )
    click.echo(json.dumps(_document(access), indent=2) if as_json else "\n".join(_lines(access)))


def _reader(organization: str | None, person: Person | None) -> Organization:
    if (organization is None) == (person is None):
        raise Fault("Say whose access: either --organization or --person.")
    if organization is not None:
        return find(Organization, name=organization)
    if person is None or person.organization is None:
        raise Fault(f"{person} belongs to no organization, and so reads nothing.")
    return person.organization


def _lines(access: Access) -> list[str]:
    asked = access.request
    granted = [line for allowance in access.allowances for line in _granted(allowance)]
    refused = [f"Refused: {', '.join(sorted(access.refusal.request.fields))}"] if access.refusal else []
    reasons = [f"  {reason}" for reason in access.refusal.reasons] if access.refusal else []
    return [f"{asked.recipient}, feed {asked.feed}, for {asked.purpose.label}, on {asked.on}:"] + (
        granted + refused + reasons
    )


def _granted(allowance: Allowance) -> list[str]:
    by = (
        "as its own"
        if allowance.agreement == OWN
        else f"by agreement {allowance.agreement} {allowance.title}"
    )
    return [
        f"Allowed {by}, counts from {allowance.minimum_cell}: {', '.join(sorted(allowance.fields))}",
        *(f"  only {limit}" for limit in _limits(allowance)),
        *(f"  {term}: “{clause}”" for term, clause in sorted(allowance.clauses.items())),
    ]


def _limits(allowance: Allowance) -> list[str]:
    precision = [f"{name} to the {how}" for name, how in sorted(allowance.precision.items())]
    rows = [
        f"records with {name} {', '.join(sorted(map(str, values)))}"
        for name, values in sorted(allowance.rows.items())
    ]
    passed_to = ", ".join(sorted(allowance.onward_recipients))
    return precision + rows + ([f"passed on to {passed_to}"] if passed_to else [])


def _document(access: Access) -> dict[str, Any]:
    asked, refusal = access.request, access.refusal
    return {
        "feed": asked.feed,
        "recipient": asked.recipient,
        "purpose": asked.purpose.value,
        "on": asked.on.isoformat(),
        "allowed": [
            {
                "agreement": allowance.agreement,
                "title": allowance.title,
                "fields": sorted(allowance.fields),
                "minimum_cell": allowance.minimum_cell,
                "precision": dict(allowance.precision),
                "rows": {name: sorted(values) for name, values in allowance.rows.items()},
                "onward_recipients": sorted(allowance.onward_recipients),
                "clauses": dict(allowance.clauses),
            }
            for allowance in access.allowances
        ],
        "refused": sorted(refusal.request.fields) if refusal else [],
        "reasons": [_reason(reason) for reason in refusal.reasons] if refusal else [],
    }


def _reason(reason: Reason) -> dict[str, str | None]:
    return {
        "agreement": reason.agreement,
        "term": reason.term,
        "clause": reason.clause,
        "explanation": reason.explanation,
    }


COMMANDS = [explain_access]
