"""Pages on which a draft is edited, commented by counsel, and sent for signature."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from throughline.evidence.agreements.drafting import actions
from throughline.evidence.agreements.forms import AgreementForm, AnswerForm, CommentForm, terms_to_show
from throughline.evidence.agreements.models import Agreement, Comment
from throughline.evidence.agreements.views import agreement_page
from throughline.members.access import Permission, requires


@requires(Permission.MANAGE_AGREEMENTS)
def agreement_revise(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Agreement, pk=pk)
    form = AgreementForm(request.POST or None, initial=terms_to_show(found))
    if form.is_valid():
        try:
            actions.revise_agreement(agreement=found, terms=form.terms(), by=request.user, at=timezone.now())
            return redirect("agreement", pk=pk)
        except ValidationError as fault:
            form.add_error(None, fault.messages)
    return render(request, "agreements/agreement_revise.html", {"form": form, "agreement": found})


@require_POST
@requires(Permission.MANAGE_AGREEMENTS)
def agreement_amend(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Agreement, pk=pk)
    try:
        draft = actions.amend_agreement(agreement=found, by=request.user, at=timezone.now())
    except ValidationError as fault:
        return agreement_page(request, found, faults=fault.messages)
    return redirect("agreement_revise", pk=draft.pk)


@require_POST
@requires(Permission.MANAGE_AGREEMENTS)
def agreement_review(request: HttpRequest, pk: int) -> HttpResponse:
    return _move(request, pk, actions.send_to_review)


@require_POST
@requires(Permission.MANAGE_AGREEMENTS)
def agreement_offer(request: HttpRequest, pk: int) -> HttpResponse:
    return _move(request, pk, actions.send_for_signature)


@require_POST
@requires(Permission.SIGN_AGREEMENTS)
def agreement_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Counsel are those who sign for an organization, and whom it lets sign."""
    found, form = get_object_or_404(Agreement, pk=pk), CommentForm(request.POST)
    if form.is_valid():
        try:
            actions.comment_on_clause(
                agreement=found, **form.cleaned_data, by=request.user, at=timezone.now()
            )
            return redirect("agreement", pk=pk)
        except ValidationError as fault:
            form.add_error(None, fault.messages)
    return agreement_page(request, found, comment_form=form)


@require_POST
@requires(Permission.MANAGE_AGREEMENTS)
def comment_answer(request: HttpRequest, pk: int) -> HttpResponse:
    comment = get_object_or_404(Comment.objects.select_related("agreement"), pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return agreement_page(request, comment.agreement, faults=form.errors.get("answer", []))
    try:
        actions.answer_comment(comment=comment, **form.cleaned_data, by=request.user, at=timezone.now())
    except ValidationError as fault:
        return agreement_page(request, comment.agreement, faults=fault.messages)
    return redirect("agreement", pk=comment.agreement_id)


def _move(request: HttpRequest, pk: int, move: Callable[..., None]) -> HttpResponse:
    found = get_object_or_404(Agreement, pk=pk)
    try:
        move(agreement=found, by=request.user, at=timezone.now())
    except ValidationError as fault:
        return agreement_page(request, found, faults=fault.messages)
    return redirect("agreement", pk=pk)
