"""Checks that an agreement stands under the right one, and allows no more than it."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from throughline.evidence.agreements.models import ABOVE, Agreement, Tier
from throughline.members.organizations.models import Organization
from throughline.policy.precision import coarseness


def check_tier(agreement: Agreement, recipients: list[Organization]) -> None:
    """Raises ValidationError with everything in which the agreement goes beyond what it stands under."""
    if agreement.tier == Tier.MEMORANDUM and (agreement.parent or agreement.feed):
        raise ValidationError(
            _("A memorandum stands under nothing and names no feed: agreements under it do.")
        )
    if agreement.tier != Tier.MEMORANDUM and not agreement.feed:
        raise ValidationError({"feed": _("Name the feed that it is about.")})
    if agreement.tier == Tier.LICENCE and not agreement.parent:
        raise ValidationError({"parent": _("A use licence stands under a contributor agreement. Choose it.")})
    if agreement.parent and (excess := [*exceeding(agreement, recipients, agreement.parent)]):
        raise ValidationError(excess)


def exceeding(agreement: Agreement, recipients: list[Organization], above: Agreement) -> Iterator[str]:
    """In what the agreement goes beyond the one above it, each in a sentence; nothing where it fits."""
    if above.tier != ABOVE.get(Tier(agreement.tier)):
        yield _("A %(tier)s can't stand under that agreement.") % {"tier": Tier(agreement.tier).label.lower()}
        return
    if not set(agreement.purposes) <= set(above.purposes):
        yield _("It allows purposes that the agreement above it does not.")
    if agreement.starts_on < above.starts_on or _later(agreement, above):
        yield _("It is in force on days on which the agreement above it is not.")
    yield from (
        _beyond_memorandum(agreement, recipients, above)
        if not above.feed
        else _beyond_contributor(agreement, recipients, above)
    )


def _later(agreement: Agreement, above: Agreement) -> bool:
    return above.ends_on is not None and (agreement.ends_on is None or agreement.ends_on > above.ends_on)


def _beyond_memorandum(
    agreement: Agreement, recipients: list[Organization], above: Agreement
) -> Iterator[str]:
    if not {agreement.provider, *recipients} <= set(above.parties()):
        yield _("Its parties have not all joined the memorandum.")


def _beyond_contributor(
    agreement: Agreement, recipients: list[Organization], above: Agreement
) -> Iterator[str]:
    if (agreement.feed, agreement.provider) != (above.feed, above.provider):
        yield _("It is about another feed, or another provider.")
    if not set(recipients) <= {*above.recipients.all(), *above.onward_recipients.all()}:
        yield _("It names recipients whom the agreement above it does not, nor lets data be passed on to.")
    if not set(agreement.fields) <= set(above.fields) or not set(agreement.linkages) <= set(above.linkages):
        yield _("It shares fields or links records that the agreement above it does not.")
    if agreement.minimum_cell < above.minimum_cell:
        yield _("It shows smaller counts than the agreement above it.")
    if _finer(agreement, above) or _wider(agreement, above):
        yield _("It tells fields more exactly, or of more records, than the agreement above it.")
    if agreement.destruction_days > above.destruction_days:
        yield _("It keeps data longer after its end than the agreement above it.")


def _finer(agreement: Agreement, above: Agreement) -> bool:
    shared = above.precision.keys() & set(agreement.fields)
    return any(
        coarseness(name, agreement.precision.get(name)) < coarseness(name, above.precision[name])
        for name in shared
    )


def _wider(agreement: Agreement, above: Agreement) -> bool:
    rows = agreement.rows
    return any(name not in rows or not set(rows[name]) <= set(values) for name, values in above.rows.items())
