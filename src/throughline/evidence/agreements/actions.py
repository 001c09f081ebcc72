"""What is done with agreements: drafted, signed, ended, asked for a grant."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.evidence.agreements.counting import Counting
from throughline.evidence.agreements.drafting.terms import set_terms, write_version
from throughline.evidence.agreements.drafting.tiers import exceeding
from throughline.evidence.agreements.models import Agreement, Signature, Tier
from throughline.ledger.actions import record, record_read
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization
from throughline.policy.sharing import Grant, Purpose, Refusal, Refused, Request, decide, own_feed

WHOLE_DAYS: Mapping[str, str] = MappingProxyType({"occurred_at": "day"})
"""What counting can do with: events fall on days."""


@transaction.atomic
def draft_agreement(
    *,
    title: str,
    feed: str,
    provider: Organization,
    recipients: Iterable[Organization],
    purposes: Iterable[str],
    fields: Iterable[str],
    starts_on: date,
    by: object,
    at: datetime,
    ends_on: date | None = None,
    tier: str = Tier.CONTRIBUTOR,
    parent: Agreement | None = None,
    minimum_cell: int = 10,
    forbidden_purposes: Iterable[str] = (),
    onward_recipients: Iterable[Organization] = (),
    precision: Mapping[str, str] | None = None,
    rows: Mapping[str, Iterable[str]] | None = None,
    linkages: Iterable[str] = (),
    breach_hours: int = 72,
    destruction_days: int = 30,
    clauses: Mapping[str, str] | None = None,
) -> Agreement:
    """Write down what will be shared, and the text that says so. Nothing is shared before every party has signed.

    See `policy.sharing.Terms` for the terms; a place in `rows` stands for all that lies in it. `clauses` holds what
    the parties add, in their own words, to the library's sentences on some terms.
    """
    terms = {
        "title": title,
        "tier": tier,
        "parent": parent,
        "feed": feed,
        "provider": provider,
        "recipients": list(recipients),
        "purposes": purposes,
        "fields": fields,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "minimum_cell": minimum_cell,
        "forbidden_purposes": forbidden_purposes,
        "onward_recipients": list(onward_recipients),
        "precision": precision or {},
        "rows": rows or {},
        "linkages": linkages,
        "breach_hours": breach_hours,
        "destruction_days": destruction_days,
        "clauses": clauses or {},
    }
    agreement = Agreement(drafted_at=at, drafted_by=by if isinstance(by, Person) else None)
    set_terms(agreement, terms)
    write_version(agreement, by=by, at=at)
    record("draft_agreement", by=by, at=at, subject=agreement, detail={"feed": feed})
    return agreement


@transaction.atomic
def sign_agreement(
    *, agreement: Agreement, organization: Organization, text_hash: str, by: Person, at: datetime
) -> Signature:
    """Sign the text with this hash for one party. The last missing signature puts the agreement in force.

    Raises ValidationError for a text that isn't the present one: nobody signs what they have not seen.
    """
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    if agreement.terminated_on:
        raise ValidationError(_("This agreement was terminated."))
    if agreement.offered_at is None:
        raise ValidationError(_("This draft was not sent for signature."))
    if agreement.text_hash != text_hash:
        raise ValidationError(_("The text has changed since you read it. Read it again, then sign."))
    if organization not in agreement.parties():
        raise ValidationError(_("%(name)s is not a party to this agreement.") % {"name": organization})
    if by.organization != organization:
        raise ValidationError(_("Only a person of %(name)s can sign for it.") % {"name": organization})
    if organization not in agreement.unsigned_parties():
        raise ValidationError(_("%(name)s has signed already.") % {"name": organization})
    signature = agreement.signatures.create(
        organization=organization, text_hash=text_hash, signed_at=at, signed_by=by
    )
    if not agreement.unsigned_parties():
        _put_in_force(agreement, at)
    detail = {"for": organization.name, "text": text_hash}
    record("sign_agreement", by=by, at=at, subject=agreement, detail=detail)
    return signature


def _put_in_force(agreement: Agreement, at: datetime) -> None:
    """And what it amends out of force, in the same instant."""
    agreement.signed_at = at
    agreement.save(update_fields=["signed_at"])
    Agreement.objects.filter(pk=agreement.amends_id).update(superseded_on=timezone.localdate(at))
    for child in Agreement.objects.filter(parent=agreement.amends_id).exclude(parent=None):
        _move_under(child, agreement)


def _move_under(child: Agreement, amendment: Agreement) -> None:
    """What would allow more than the amendment stays where it was, and so is out of force."""
    if not [*exceeding(child, list(child.recipients.all()), amendment)]:
        child.parent = amendment
        child.save(update_fields=["parent"])


@transaction.atomic
def terminate_agreement(*, agreement: Agreement, by: Person, at: datetime, reason: str) -> None:
    """End it at once: from this day on nothing is read under it. Any party may, and the backbone."""
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    if not agreement.concerns(by):
        raise ValidationError(_("Only a party to this agreement can end it, or the backbone."))
    if agreement.terminated_on:
        raise ValidationError(_("This agreement was terminated already."))
    agreement.terminated_on, agreement.terminated_by = timezone.localdate(at), by
    agreement.save(update_fields=["terminated_on", "terminated_by"])
    record("terminate_agreement", by=by, at=at, subject=agreement, detail={"reason": reason})


def ask_grant(
    *,
    feed: str,
    provider: Organization,
    reader: Organization,
    purpose: Purpose,
    fields: Iterable[str],
    by: object,
    at: datetime,
    counting: Counting | None = None,
    precision: Mapping[str, str] = WHOLE_DAYS,
) -> Grant | Refusal:
    """Ask whether `reader` may read these fields of what `provider` sends through the feed, now.

    `precision` is the coarsest that will do: exact values, and of times the day, unless told. The provider itself may
    always check its own data's quality. Either answer is in the ledger before it is given, with what shall be counted
    where the read is of counts.
    """
    wanted = frozenset(fields)
    request = Request(
        feed=feed,
        recipient=reader.sharing_id,
        purpose=purpose,
        fields=wanted,
        on=timezone.localdate(at),
        precision=precision,
    )
    answer = _answer(request, provider, reader, at)
    detail = {"reader": reader.name, "purpose": purpose.value, "fields": sorted(wanted)}
    detail |= counting.detail() if counting else {}
    if isinstance(answer, Grant):
        record_read(
            "read_feed", by=by, at=at, subject=f"feed:{feed}", detail=detail | {"agreement": answer.agreement}
        )
    else:
        record_read("refuse_read", by=by, at=at, subject=f"feed:{feed}", detail=detail | {"why": str(answer)})
    return answer


def _answer(request: Request, provider: Organization, reader: Organization, at: datetime) -> Grant | Refusal:
    if request.purpose is Purpose.QUALITY and reader.pk is not None and reader.pk == provider.pk:
        return own_feed(request, provider=provider.sharing_id)
    return decide(
        request,
        Agreement.objects.covering(request.feed, provider=provider)
        .signed(at)
        .not_amended(request.on)
        .terms(),
    )


def grant_or_refuse(
    *,
    feed: str,
    provider: Organization,
    reader: Organization | None,
    purpose: Purpose,
    fields: Iterable[str],
    by: object,
    at: datetime,
    precision: Mapping[str, str] = WHOLE_DAYS,
) -> Grant:
    """`ask_grant` for callers that can't go on without one; raises Refused. Who belongs nowhere reads nothing."""
    reader = reader or Organization(name=_("A person without an organization"))
    answer = ask_grant(
        feed=feed,
        provider=provider,
        reader=reader,
        purpose=purpose,
        fields=fields,
        by=by,
        at=at,
        precision=precision,
    )
    if isinstance(answer, Refusal):
        raise Refused(answer)
    return answer
