"""Pages of promises."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from throughline.decisions.commitments import actions
from throughline.decisions.commitments.forms import (
    CommitmentFilter,
    CommitmentForm,
    DropForm,
    MoveForm,
    ProofForm,
)
from throughline.decisions.commitments.models import Commitment, Outcome, Proof
from throughline.decisions.commitments.queries import commitments_with_people, count_promises, may_keep
from throughline.members.access import Permission, allows, requires
from throughline.members.forms import perform
from throughline.signals.models import Signal

PER_PAGE = 50


@requires(Permission.VIEW_COALITION)
def commitments(request: HttpRequest) -> HttpResponse:
    at, chosen = timezone.now(), CommitmentFilter(request.GET)
    on = timezone.localdate(at)
    found = chosen.commitments(request.user, on)
    context = {
        "page_obj": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "count": count_promises(Commitment.objects.all(), on=on),
        "chosen": chosen,
        "at": at,
    }
    return render(request, "commitments/commitments.html", context)


@requires(Permission.MAKE_COMMITMENTS)
def commitment_new(request: HttpRequest) -> HttpResponse:
    """A blank form; `?signal=12`, `?group=3`, `?owner=5`, `?what=...` and `?due_on=2026-03-31` fill it in."""
    given = ("signal", "group", "owner", "what", "due_on")
    asked_for = {name: request.GET[name] for name in given if name in request.GET}
    form = CommitmentForm(
        request.POST or None,
        initial=asked_for,
        sees_agreements=allows(request, Permission.VIEW_AGREEMENTS),
        on=timezone.localdate(),
    )
    if request.POST and (made := perform(form, actions.make_commitment, by=request.user, at=timezone.now())):
        messages.success(request, _("The promise is written down."))
        return redirect("signal", made.signal_id) if made.signal_id else redirect("commitment", made.pk)
    context = {"form": form, "signal": _signal_of(form)}
    return render(request, "commitments/commitment_new.html", context, status=400 if form.errors else 200)


@requires(Permission.VIEW_COALITION)
def commitment(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(commitments_with_people(), pk=pk))


@require_POST
@requires(Permission.MAKE_COMMITMENTS)
def commitment_move(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _to_keep(request, pk), MoveForm(request.POST)
    at = timezone.now()
    if slip := perform(form, actions.move_due_date, commitment=found, by=request.user, at=at):
        told = _("Moved. This counts as a slip.") if slip.counts else _("Moved in time; the promise is kept.")
        messages.success(request, told)
        return redirect("commitment", pk)
    return _page(request, found, move_form=form)


@require_POST
@requires(Permission.MAKE_COMMITMENTS)
def commitment_prove(request: HttpRequest, pk: int) -> HttpResponse:
    """A proof by itself, or with the button "done" the closing as well."""
    found, form = _to_keep(request, pk), ProofForm(request.POST, request.FILES)
    given = perform(
        form, _close_with if "done" in request.POST else actions.give_proof, **_act(request, found)
    )
    if given:
        messages.success(request, _("The proof is kept."))
        return redirect("commitment", pk)
    return _page(request, found, proof_form=form)


@require_POST
@requires(Permission.MAKE_COMMITMENTS)
def commitment_drop(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _to_keep(request, pk), DropForm(request.POST)
    if perform(form, actions.close_commitment, outcome=Outcome.DROPPED, **_act(request, found)):
        messages.success(request, _("Dropped, and the reason is kept."))
        return redirect("commitment", pk)
    return _page(request, found, drop_form=form)


@requires(Permission.VIEW_COALITION)
def proof_file(request: HttpRequest, pk: int) -> FileResponse:
    """As a download, never shown in place: anybody on the roster may have put anything into it."""
    proof = get_object_or_404(Proof.objects.exclude(file=""), pk=pk)
    return FileResponse(proof.file.open("rb"), as_attachment=True)


def _close_with(*, commitment: Commitment, by: Any, at: Any, **proof: Any) -> Commitment:
    return actions.close_commitment(commitment=commitment, outcome=Outcome.DONE, proof=proof, by=by, at=at)


def _act(request: HttpRequest, found: Commitment) -> dict[str, Any]:
    return {"commitment": found, "by": request.user, "at": timezone.now()}


def _to_keep(request: HttpRequest, pk: int) -> Commitment:
    found = get_object_or_404(commitments_with_people(), pk=pk)
    if not may_keep(request.user, found, on=timezone.localdate()):
        raise PermissionDenied
    return found


def _signal_of(form: CommitmentForm) -> Signal | None:
    """The open signal that the form names, if it names one."""
    named = str(form["signal"].value() or "")
    return Signal.objects.open().filter(pk=named).first() if named.isdecimal() else None


def _page(request: HttpRequest, found: Commitment, **given: forms.Form) -> HttpResponse:
    may_keep_it = allows(request, Permission.MAKE_COMMITMENTS) and may_keep(
        request.user, found, on=timezone.localdate()
    )
    context = {
        "commitment": found,
        "proofs": found.proofs.select_related("given_by"),
        "slips": found.slips.select_related("asked_by"),
        "may_keep": found.closed_at is None and may_keep_it,
        "refusals": [refusal for form in given.values() for refusal in form.non_field_errors()],
        "move_form": MoveForm(),
        "proof_form": ProofForm(),
        "drop_form": DropForm(),
        "at": timezone.now(),
        **given,
    }
    return render(request, "commitments/commitment.html", context, status=400 if given else 200)
