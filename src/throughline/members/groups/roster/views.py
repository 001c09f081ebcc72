"""The pages on which a roster is uploaded, checked and confirmed."""

import csv

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from throughline.formats.faults import UnreadableFile
from throughline.members.access import ROLES, Permission, requires
from throughline.members.groups.models import GroupKind
from throughline.members.groups.roster.actions import RosterReceipt, import_roster
from throughline.members.groups.roster.forms import ConfirmForm, RosterForm, sealed
from throughline.members.groups.roster.rows import COLUMNS
from throughline.members.organizations.models import Sector
from throughline.members.tables import Table


@requires(Permission.MANAGE_MEMBERS)
def roster_import(request: HttpRequest) -> HttpResponse:
    form = RosterForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        table = form.cleaned_data["file"]
        try:
            receipt = import_roster(table=table, by=request.user, at=timezone.now(), check_only=True)
            return _preview(request, table, receipt)
        except UnreadableFile as fault:
            form.add_error("file", str(fault))
    context = {
        "form": form,
        "sectors": Sector.choices,
        "roles": ROLES.items(),
        "kinds": GroupKind.choices,
        "languages": settings.LANGUAGES,
    }
    return render(request, "groups/roster_import.html", context)


@require_POST
@requires(Permission.MANAGE_MEMBERS)
def roster_confirm(request: HttpRequest) -> HttpResponse:
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors.get("roster", [])))
        return redirect("roster_import")
    table, accept = form.cleaned_data["roster"], form.cleaned_data["accept_good_rows"]
    receipt = import_roster(table=table, by=request.user, at=timezone.now(), accept_good_rows=accept)
    if not receipt.stored:
        return _preview(request, table, receipt)
    messages.success(request, _summary(receipt))
    return redirect("people")


@requires(Permission.MANAGE_MEMBERS)
def roster_template(request: HttpRequest) -> HttpResponse:
    """An empty roster to fill in."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="roster.csv"'},
    )
    csv.writer(response).writerow(COLUMNS)
    return response


def _preview(request: HttpRequest, table: Table, receipt: RosterReceipt) -> HttpResponse:
    context = {"table": table, "receipt": receipt, "changes": _changes(receipt), "sealed": sealed(table)}
    return render(request, "groups/roster_preview.html", context)


def _summary(receipt: RosterReceipt) -> str:
    changes = ", ".join(_changes(receipt)) or _("nothing changed, all of it was known")
    return _("The roster was imported: %s.") % changes


def _changes(receipt: RosterReceipt) -> list[str]:
    """What the import changes, in words."""
    words = {
        "people_added": lambda n: ngettext("%s new person", "%s new people", n),
        "people_changed": lambda n: ngettext("%s person changed", "%s people changed", n),
        "organizations_added": lambda n: ngettext("%s new organization", "%s new organizations", n),
        "organizations_changed": lambda n: ngettext("%s organization changed", "%s organizations changed", n),
        "groups_added": lambda n: ngettext("%s new group", "%s new groups", n),
        "groups_changed": lambda n: ngettext("%s group changed", "%s groups changed", n),
        "seats_added": lambda n: ngettext("%s new seat", "%s new seats", n),
        "seats_changed": lambda n: ngettext("%s seat changed", "%s seats changed", n),
    }
    return [words[what](n) % n for what in words if (n := receipt.done.get(what, 0))]
