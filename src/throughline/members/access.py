"""Permissions, the roles that bundle them, and the check that every page states."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    VIEW_COALITION = "view_coalition"  # people, organizations, groups, places, commitments
    MANAGE_MEMBERS = "manage_members"
    VIEW_SIGNALS = "view_signals"
    ANSWER_SIGNALS = "answer_signals"
    MAKE_COMMITMENTS = "make_commitments"
    VIEW_FEEDS = "view_feeds"
    DELIVER_FILES = "deliver_files"
    MANAGE_FEEDS = "manage_feeds"
    VIEW_QUARANTINE = "view_quarantine"  # rows as delivered
    VIEW_AGREEMENTS = "view_agreements"
    MANAGE_AGREEMENTS = "manage_agreements"
    SIGN_AGREEMENTS = "sign_agreements"
    MANAGE_CONSENTS = "manage_consents"  # patients' consents by key, and emergencies
    RUN_DETECTION = "run_detection"
    MEASURE_EFFECTS = "measure_effects"
    PUBLISH = "publish"
    VIEW_LEDGER = "view_ledger"


PROGRAMS = "programs"
"""What an address for programs states instead of a permission: they show a token, and nobody signs in."""


@dataclass(frozen=True)
class Role:
    name: Any  # lazily translated
    description: Any
    permissions: frozenset[Permission]


P = Permission
EVERYONE = frozenset({P.VIEW_COALITION, P.VIEW_SIGNALS, P.MAKE_COMMITMENTS})
ROLES: dict[str, Role] = {
    "member": Role(_("Member"), _("Sits in a group and keeps its promises."), EVERYONE),
    "chair": Role(
        _("Chair"), _("Leads a group; slipping promises come to this seat."), EVERYONE | {P.ANSWER_SIGNALS}
    ),
    "commissioner": Role(
        _("Commissioner"), _("Sees what was promised and what came of it."), EVERYONE | {P.VIEW_AGREEMENTS}
    ),
    "responder": Role(
        _("Responder"), _("An EMS captain, re-entry coordinator or outreach lead who moves help."),
        EVERYONE | {P.ANSWER_SIGNALS},
    ),
    "data_steward": Role(
        _("Data steward"), _("Delivers an agency's files and mends what was quarantined."),
        EVERYONE | {P.VIEW_FEEDS, P.DELIVER_FILES, P.VIEW_QUARANTINE, P.VIEW_AGREEMENTS},
    ),
    "analyst": Role(
        _("Data analyst"), _("Watches the feeds, runs detection, measures effects, publishes."),
        EVERYONE | {
            P.ANSWER_SIGNALS, P.VIEW_FEEDS, P.DELIVER_FILES, P.MANAGE_FEEDS, P.VIEW_QUARANTINE,
            P.VIEW_AGREEMENTS, P.RUN_DETECTION, P.MEASURE_EFFECTS, P.PUBLISH,
        },
    ),
    "project_manager": Role(
        _("Project manager"), _("Runs the backbone: assigns signals, follows promises, publishes."),
        EVERYONE | {
            P.MANAGE_MEMBERS, P.ANSWER_SIGNALS, P.VIEW_FEEDS, P.DELIVER_FILES, P.VIEW_AGREEMENTS,
            P.MANAGE_AGREEMENTS, P.RUN_DETECTION, P.MEASURE_EFFECTS, P.PUBLISH,
        },
    ),
    "privacy_officer": Role(
        _("Privacy officer"), _("Signs agreements for an organization, keeps consents and reads the ledger."),
        EVERYONE | {
            P.VIEW_FEEDS, P.VIEW_AGREEMENTS, P.MANAGE_AGREEMENTS, P.SIGN_AGREEMENTS, P.MANAGE_CONSENTS,
            P.VIEW_LEDGER,
        },
    ),
    "administrator": Role(
        _("Administrator"), _("Keeps the installation; sets up people and feeds, reads no records."),
        EVERYONE | {P.MANAGE_MEMBERS, P.VIEW_FEEDS, P.MANAGE_FEEDS, P.VIEW_AGREEMENTS, P.VIEW_LEDGER},
    ),
}  # fmt: skip


def permissions_of(person: Any, *, on: date) -> frozenset[Permission]:
    """All that the seats of a `Person`, held or deputised, allow on that day.

    Every app's pages import this module, so it reaches the seats through the person and imports neither.
    """
    held, deputised = (
        seats.current(on).order_by().values_list("role", flat=True)
        for seats in (person.seats_held, person.seats_deputised)
    )
    return frozenset().union(*(ROLES[role].permissions for role in held.union(deputised) if role in ROLES))


def allows(request: HttpRequest, permission: Permission) -> bool:
    """Whether the signed-in person may; asked of the database once per request."""
    if not hasattr(request, "permissions"):
        signed_in = request.user.is_authenticated
        request.permissions = (
            permissions_of(request.user, on=timezone.localdate()) if signed_in else frozenset()
        )
    return permission in request.permissions


def permissions_context(request: HttpRequest) -> dict[str, object]:
    """Lets templates ask `permissions.view_feeds`; costs nothing on pages that don't."""
    return {"permissions": SimpleLazyObject(lambda: {p.value: allows(request, p) for p in Permission})}


def requires(permission: Permission) -> Callable[..., Any]:
    """The view decorator that every page carries: signed in, and allowed."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        @login_required
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allows(request, permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        checked.permission = permission
        return checked

    return decorate


def anonymous(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Marks a page that is meant for everyone, so that a forgotten `@requires` shows in a test."""
    view.permission = None
    return view
