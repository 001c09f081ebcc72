"""The pages of people."""

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from throughline.members.access import ROLES, Permission, allows, requires
from throughline.members.accounts.actions import add_person, change_person, invite_person
from throughline.members.accounts.forms import PersonChangeForm, PersonForm
from throughline.members.accounts.models import Person
from throughline.members.accounts.queries import found
from throughline.members.forms import perform
from throughline.ui.sections import sections_for

PER_PAGE = 50


@requires(Permission.VIEW_COALITION)
def people(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    context = {
        "page_obj": Paginator(found(query), PER_PAGE).get_page(request.GET.get("page")),
        "query": query,
        "may_manage": allows(request, Permission.MANAGE_MEMBERS),
    }
    return render(request, "accounts/people.html", context)


@requires(Permission.VIEW_COALITION)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Person.objects.select_related("organization"), pk=pk)
    context = {
        "shown": shown,  # templates know the signed-in person as `user`, and `person` is a tag
        "held": _with_role_names(shown.seats_held),
        "deputised": _with_role_names(shown.seats_deputised),
        "sections": sections_for("person", request, shown, timezone.now()),
        "may_manage": allows(request, Permission.MANAGE_MEMBERS),
    }
    return render(request, "accounts/person.html", context)


def _with_role_names(seats: Any) -> list[tuple[Any, Any]]:
    """Each current seat with the name of its role."""
    current = seats.current(timezone.localdate()).select_related("group")
    return [(seat, ROLES[seat.role].name if seat.role in ROLES else seat.role) for seat in current]


@requires(Permission.MANAGE_MEMBERS)
def person_new(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST or None)
    if added := perform(form, add_person, by=request.user, at=timezone.now()):
        messages.success(request, _("%s was added.") % added)
        return redirect("person", added.pk)
    return render(request, "accounts/person_form.html", {"form": form})


@requires(Permission.MANAGE_MEMBERS)
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Person, pk=pk)
    known = {name: getattr(shown, name) for name in PersonChangeForm.base_fields}
    form = PersonChangeForm(request.POST or None, initial=known)
    if perform(form, change_person, person=shown, by=request.user, at=timezone.now()):
        messages.success(request, _("%s was changed.") % shown)
        return redirect("person", pk)
    return render(request, "accounts/person_form.html", {"form": form, "shown": shown})


@require_POST
@requires(Permission.MANAGE_MEMBERS)
def person_invite(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Person, pk=pk)
    token = {"uidb36": user_pk_to_url_str(shown), "key": default_token_generator.make_token(shown)}
    link = request.build_absolute_uri(reverse("account_reset_password_from_key", kwargs=token))
    try:
        invite_person(shown, link=link, by=request.user, at=timezone.now())
        messages.success(request, _("An invitation was sent to %s.") % shown)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("person", pk)
