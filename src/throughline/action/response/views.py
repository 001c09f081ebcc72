"""The page of a signal, and the steps of its answer."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from throughline.action.response import actions
from throughline.action.response.evidence import evidence_of
from throughline.action.response.forms import AssignForm, ClosingForm, MovementForm, PlanForm
from throughline.action.response.history import history_of
from throughline.action.response.models import Response
from throughline.action.response.queries import may_see_figures, surroundings
from throughline.action.response.steps import steps_of
from throughline.decisions.commitments.queries import commitments_with_people
from throughline.members.access import Permission, requires
from throughline.members.forms import perform
from throughline.signals.actions import assign_signal
from throughline.signals.models import Signal
from throughline.signals.queries import may_answer
from throughline.ui.sections import sections_for


@requires(Permission.VIEW_SIGNALS)
def signal(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _signal(pk))


@require_POST
@requires(Permission.VIEW_SIGNALS)
def signal_assign(request: HttpRequest, pk: int) -> HttpResponse:
    found = _signal_to_answer(request, pk)
    return _act(request, found, {"assign_form": AssignForm(request.POST)}, assign_signal, signal=found)


@require_POST
@requires(Permission.VIEW_SIGNALS)
def response_open(request: HttpRequest, pk: int) -> HttpResponse:
    found = _signal_to_answer(request, pk)
    return _act(request, found, {"open_form": forms.Form(request.POST)}, actions.open_response, signal=found)


@require_POST
@requires(Permission.VIEW_SIGNALS)
def response_plan(request: HttpRequest, pk: int) -> HttpResponse:
    found = _signal_to_answer(request, pk)
    response = get_object_or_404(Response, signal=found)
    return _act(
        request, found, {"plan_form": PlanForm(request.POST)}, actions.plan_response, response=response
    )


@require_POST
@requires(Permission.VIEW_SIGNALS)
def response_move(request: HttpRequest, pk: int) -> HttpResponse:
    found = _signal_to_answer(request, pk)
    response = get_object_or_404(Response, signal=found)
    form = {"movement_form": MovementForm(request.POST)}
    return _act(request, found, form, actions.record_movement, response=response)


@require_POST
@requires(Permission.VIEW_SIGNALS)
def response_close(request: HttpRequest, pk: int) -> HttpResponse:
    found = _signal_to_answer(request, pk)
    return _act(
        request, found, {"closing_form": ClosingForm(request.POST)}, actions.close_response, signal=found
    )


def _act(
    request: HttpRequest, found: Signal, named_form: dict[str, forms.Form], action: Any, **subject: Any
) -> HttpResponse:
    """Take one step of the answer; refused, the page comes again with the form and its reason."""
    (form,) = named_form.values()
    if perform(form, action, **subject, by=request.user, at=timezone.now()):
        messages.success(request, _("Noted."))
        return redirect("signal", found.pk)
    return _page(request, found, **named_form)


def _signal_to_answer(request: HttpRequest, pk: int) -> Signal:
    found = _signal(pk)
    if not may_answer(request.user, found, on=timezone.localdate()):
        raise PermissionDenied
    return found


def _signal(pk: int) -> Signal:
    with_people = Signal.objects.select_related("owner", "acknowledged_by", "closed_by")
    return get_object_or_404(with_people, pk=pk)


def _page(request: HttpRequest, found: Signal, **given: forms.Form) -> HttpResponse:
    at = timezone.now()
    response = Response.objects.filter(signal=found).select_related("planned_by", "moved_by").first()
    places = list(found.places.all())
    commitments = list(commitments_with_people().filter(signal=found))
    with_figures = may_see_figures(request.user, found, on=timezone.localdate(at))
    context = {
        "signal": found,
        "response": response,
        "commitments": commitments,
        "evidence": evidence_of(found, places, surroundings(places), with_figures=with_figures),
        "with_figures": with_figures,
        "steps": steps_of(found, response),
        "history": history_of(found, response, commitments),
        "sections": sections_for("signal", request, found, at),
        "may_answer": found.is_open and may_answer(request.user, found, on=timezone.localdate(at)),
        "refusals": [refusal for form in given.values() for refusal in form.non_field_errors()],
        "assign_form": AssignForm(initial={"owner": found.owner_id}),
        "plan_form": PlanForm(initial={"plan": response.plan if response else ""}),
        "movement_form": MovementForm(),
        "closing_form": ClosingForm(),
        "at": at,
        **given,
    }
    return render(request, "response/signal.html", context, status=400 if given else 200)
