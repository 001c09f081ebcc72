"""Checks a document that came, one after the other: who signed it, for whom, under what, and that it is new."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from throughline.evidence.agreements.models import Agreement
from throughline.evidence.exchange.documents import Counts, Sealed, counts_in
from throughline.evidence.exchange.keys import is_signed, public_key_of, signing_key
from throughline.evidence.exchange.models import Neighbour
from throughline.evidence.exchange.terms import terms_digest
from throughline.evidence.surveillance.queries import backbone
from throughline.policy.sharing import Purpose


def sender_of(sealed: Sealed) -> Neighbour:
    """The neighbour whose key the document names, waiting until no other of its documents is being received."""
    known = Neighbour.objects.select_for_update().filter(public_key=sealed.content["sender"])
    if neighbour := known.first():
        return neighbour
    raise ValidationError(
        _("No neighbour is registered with the key %(key)s.") % {"key": sealed.content["sender"][:64]}
    )


def checked_counts(sealed: Sealed, neighbour: Neighbour) -> Counts:
    """What the neighbour says to this installation. Raises ValidationError."""
    if not is_signed(sealed.signed_bytes, sealed.signature, neighbour.public_key):
        raise ValidationError(
            _("%(neighbour)s did not sign this: the document was altered.") % {"neighbour": neighbour}
        )
    counts = counts_in(sealed.content)
    if counts.recipient != public_key_of(signing_key()):
        raise ValidationError(
            _("The document is for the key %(key)s, not for this installation.") % {"key": counts.recipient}
        )
    return counts


def checked_agreement(counts: Counts, neighbour: Neighbour, *, on: date) -> Agreement:
    """The agreement as it was signed here, in force, between both, and kept to. Raises ValidationError."""
    said = {"title": counts.agreement, "feed": counts.feed, "neighbour": neighbour, "day": on}
    signed = Agreement.objects.filter(title=counts.agreement, feed=counts.feed, recipients=backbone())
    if not signed:
        raise ValidationError(_("No agreement “%(title)s” about the feed %(feed)s names us here.") % said)
    agreement = signed.in_force(on).first()
    if agreement is None:
        raise ValidationError(_("The agreement “%(title)s” is not in force on %(day)s.") % said)
    if neighbour.organization not in agreement.parties():
        raise ValidationError(_("%(neighbour)s is no party to the agreement “%(title)s”.") % said)
    if terms_digest(agreement) != counts.terms:
        raise ValidationError(
            _("The agreement “%(title)s” has other terms here than at %(neighbour)s: compare the two.") % said
        )
    if Purpose.SURVEILLANCE not in agreement.purposes:
        raise ValidationError(_("The agreement “%(title)s” does not allow surveillance.") % said)
    _refuse_small(counts, agreement)
    return agreement


def _refuse_small(counts: Counts, agreement: Agreement) -> None:
    least = agreement.minimum_cell
    small = [month for month in counts.months if any(0 < (count or 0) < least for count in month.cells())]
    if small:
        raise ValidationError(
            _("The document tells counts below %(least)d, which the agreement withholds, in %(month)s.")
            % {"least": least, "month": f"{small[0].first_day:%Y-%m}"}
        )


def check_order(counts: Counts, neighbour: Neighbour) -> None:
    """Every document is received once, none after a later one. Raises ValidationError."""
    last = neighbour.received.order_by("-serial").first()
    if last is None:
        return
    said = {"serial": counts.serial, "neighbour": neighbour, "last": last.serial}
    if counts.serial <= last.serial:
        raise ValidationError(
            _("Document %(serial)d of %(neighbour)s is not new: the last one received is %(last)d.") % said
        )
    if counts.serial == last.serial + 1 and counts.previous != last.sha256:
        raise ValidationError(
            _("Document %(serial)d of %(neighbour)s does not follow document %(last)d as it was received.")
            % said
        )
