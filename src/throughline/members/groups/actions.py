"""What can be done to groups and their seats."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.ledger.actions import record
from throughline.members.access import ROLES
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group, GroupKind, Seat
from throughline.members.groups.queries import gains_rights
from throughline.members.organizations.models import Organization


@transaction.atomic
def add_group(
    *, name: str, kind: str, purpose: str = "", charter: str = "", by: object, at: datetime
) -> Group:
    """Raises ValidationError for a name that is taken or an unknown kind."""
    if kind not in GroupKind.values:
        raise ValidationError(_("“%s” is not a kind of group.") % kind)
    group = Group(name=name, kind=kind, purpose=purpose, charter=charter)
    group.full_clean()
    group.save()
    record("add_group", by=by, at=at, subject=group)
    return group


@transaction.atomic
def add_seat(
    *,
    group: Group,
    title: str,
    role: str,
    organization: Organization | None = None,
    holder: Person | None = None,
    deputy: Person | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    by: object,
    at: datetime,
) -> Seat:
    """Raises ValidationError for an unknown role, a title that the group has, or a deputy who is the holder.

    And for somebody who would give themselves rights.
    """
    if role not in ROLES:
        raise ValidationError(_("“%s” is not a role.") % role)
    _refuse_own_rights(role, holder, deputy, by=by, at=at)
    seat = Seat(
        group=group,
        title=title,
        role=role,
        organization=organization,
        holder=holder,
        deputy=deputy,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    seat.full_clean()
    seat.save()
    record("add_seat", by=by, at=at, subject=seat, detail={"group": group.pk, "role": role})
    return seat


@transaction.atomic
def fill_seat(seat: Seat, *, holder: Person | None, deputy: Person | None, by: object, at: datetime) -> Seat:
    """Seat a holder and a deputy; None empties.

    Raises ValidationError if both are the same person, or for somebody who would give themselves rights.
    """
    _refuse_own_rights(seat.role, holder, deputy, by=by, at=at)
    before = {"holder": seat.holder_id, "deputy": seat.deputy_id}
    seat.holder, seat.deputy = holder, deputy
    seat.full_clean()
    seat.save()
    after = {"holder": seat.holder_id, "deputy": seat.deputy_id}
    record("fill_seat", by=by, at=at, subject=seat, detail={"before": before, "after": after})
    return seat


def _refuse_own_rights(
    role: str, holder: Person | None, deputy: Person | None, *, by: object, at: datetime
) -> None:
    if gains_rights(by, role, seated=(holder, deputy), on=timezone.localdate(at)):
        raise ValidationError(_("Nobody gives rights to themselves. Ask somebody else who fills seats."))
