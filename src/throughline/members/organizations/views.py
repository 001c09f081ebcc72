"""The pages of organizations."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.members.access import Permission, allows, requires
from throughline.members.forms import perform
from throughline.members.organizations.actions import add_organization, change_organization
from throughline.members.organizations.forms import OrganizationForm
from throughline.members.organizations.models import Organization
from throughline.members.organizations.queries import by_sector, missing_sectors
from throughline.ui.sections import sections_for


@requires(Permission.VIEW_COALITION)
def organizations(request: HttpRequest) -> HttpResponse:
    context = {
        "sectors": by_sector(),
        "missing": missing_sectors(),
        "may_manage": allows(request, Permission.MANAGE_MEMBERS),
    }
    return render(request, "organizations/organizations.html", context)


@requires(Permission.VIEW_COALITION)
def organization(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Organization.objects.select_related("jurisdiction"), pk=pk)
    context = {
        "organization": shown,
        "people": shown.people.all(),
        "seats": shown.seats.select_related("group", "holder", "deputy"),
        "sections": sections_for("organization", request, shown, timezone.now()),
        "may_manage": allows(request, Permission.MANAGE_MEMBERS),
    }
    return render(request, "organizations/organization.html", context)


@requires(Permission.MANAGE_MEMBERS)
def organization_new(request: HttpRequest) -> HttpResponse:
    form = OrganizationForm(request.POST or None)
    if added := perform(form, add_organization, by=request.user, at=timezone.now()):
        messages.success(request, _("%s was added.") % added)
        return redirect("organization", added.pk)
    return render(request, "organizations/organization_form.html", {"form": form})


@requires(Permission.MANAGE_MEMBERS)
def organization_edit(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Organization.objects.select_related("jurisdiction"), pk=pk)
    known = {
        "name": shown.name,
        "sector": shown.sector,
        "jurisdiction": shown.jurisdiction.code if shown.jurisdiction else "",
    }
    form = OrganizationForm(request.POST or None, initial=known)
    if perform(form, change_organization, organization=shown, by=request.user, at=timezone.now()):
        messages.success(request, _("%s was changed.") % shown)
        return redirect("organization", pk)
    return render(request, "organizations/organization_form.html", {"form": form, "organization": shown})
