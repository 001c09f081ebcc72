"""The pages of groups and seats."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.members.access import Permission, allows, requires
from throughline.members.forms import perform
from throughline.members.groups.actions import add_group, add_seat, fill_seat
from throughline.members.groups.forms import FillSeatForm, GroupForm, SeatForm
from throughline.members.groups.models import Group, Seat
from throughline.members.groups.queries import groups_with_seats
from throughline.ui.sections import sections_for


@requires(Permission.VIEW_COALITION)
def groups(request: HttpRequest) -> HttpResponse:
    context = {
        "groups": groups_with_seats(timezone.localdate()),
        "may_manage": allows(request, Permission.MANAGE_MEMBERS),
    }
    return render(request, "groups/groups.html", context)


@requires(Permission.VIEW_COALITION)
def group(request: HttpRequest, pk: int) -> HttpResponse:
    states = groups_with_seats(timezone.localdate(), Group.objects.filter(pk=pk))
    if not states:
        raise Http404
    context = {
        "group": states[0].group,
        "seats": states[0].seats,
        "sections": sections_for("group", request, states[0].group, timezone.now()),
        "may_manage": allows(request, Permission.MANAGE_MEMBERS),
    }
    return render(request, "groups/group.html", context)


@requires(Permission.MANAGE_MEMBERS)
def group_new(request: HttpRequest) -> HttpResponse:
    form = GroupForm(request.POST or None)
    if added := perform(form, add_group, by=request.user, at=timezone.now()):
        messages.success(request, _("%s was added. Now add its seats.") % added)
        return redirect("group", added.pk)
    return render(request, "groups/group_form.html", {"form": form})


@requires(Permission.MANAGE_MEMBERS)
def seat_new(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Group, pk=pk)
    form = SeatForm(request.POST or None)
    if added := perform(form, add_seat, group=shown, by=request.user, at=timezone.now()):
        messages.success(request, _("The seat “%s” was added.") % added.title)
        return redirect("group", pk)
    return render(request, "groups/seat_form.html", {"form": form, "group": shown})


@requires(Permission.MANAGE_MEMBERS)
def seat_fill(request: HttpRequest, pk: int) -> HttpResponse:
    seat = get_object_or_404(Seat.objects.select_related("group"), pk=pk)
    form = FillSeatForm(request.POST or None, initial={"holder": seat.holder_id, "deputy": seat.deputy_id})
    if perform(form, fill_seat, seat=seat, by=request.user, at=timezone.now()):
        messages.success(request, _("The seat “%s” was filled.") % seat.title)
        return redirect("group", seat.group_id)
    return render(request, "groups/seat_form.html", {"form": form, "group": seat.group, "seat": seat})
