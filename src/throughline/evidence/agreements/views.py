"""Pages of agreements, and the open account of who read what."""

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from throughline.evidence.agreements import actions
from throughline.evidence.agreements.forms import AgreementForm, AnswerForm, CommentForm, TerminationForm
from throughline.evidence.agreements.models import Agreement, Stage
from throughline.evidence.agreements.queries import agreement_lines, comments_on, data_uses, reads_of
from throughline.evidence.agreements.stages import days_in_stages, median_days
from throughline.ledger.models import Entry
from throughline.members.access import Permission, requires


@requires(Permission.VIEW_AGREEMENTS)
def agreements(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    lines = agreement_lines(today, timezone.now())
    medians = median_days((line.agreement for line in lines), today)
    return render(request, "agreements/agreements.html", {"lines": lines, "medians": medians})


@requires(Permission.VIEW_AGREEMENTS)
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    found = Agreement.objects.select_related("parent__parent").prefetch_related("versions")
    return agreement_page(request, get_object_or_404(found, pk=pk))


@requires(Permission.MANAGE_AGREEMENTS)
def agreement_new(request: HttpRequest) -> HttpResponse:
    form = AgreementForm(request.POST or None, initial={"feed": request.GET.get("feed", "")})
    if form.is_valid():
        try:
            drafted = actions.draft_agreement(**form.terms(), by=request.user, at=timezone.now())
            return redirect("agreement", pk=drafted.pk)
        except ValidationError as fault:
            form.add_error(None, fault.messages)
    return render(request, "agreements/agreement_new.html", {"form": form})


@require_POST
@requires(Permission.SIGN_AGREEMENTS)
def agreement_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Everyone signs for their own organization."""
    found = get_object_or_404(Agreement, pk=pk)
    try:
        actions.sign_agreement(
            agreement=found,
            organization=request.user.organization,
            text_hash=request.POST.get("text_hash", ""),
            by=request.user,
            at=timezone.now(),
        )
    except ValidationError as fault:
        return agreement_page(request, found, faults=fault.messages)
    return redirect("agreement", pk=pk)


@require_POST
@requires(Permission.MANAGE_AGREEMENTS)
def agreement_terminate(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Agreement, pk=pk)
    form = TerminationForm(request.POST)
    if form.is_valid():
        try:
            actions.terminate_agreement(
                agreement=found, **form.cleaned_data, by=request.user, at=timezone.now()
            )
            return redirect("agreement", pk=pk)
        except ValidationError as fault:
            form.add_error(None, fault.messages)
    return agreement_page(request, found, termination_form=form)


@requires(Permission.VIEW_AGREEMENTS)
def data_use(request: HttpRequest) -> HttpResponse:
    """Who read which feed for what; the entries themselves for those who may see the ledger."""
    entries = Entry.objects.order_by("-sequence")
    page = Paginator(entries, 50).get_page(request.GET.get("page"))
    return render(request, "agreements/data_use.html", {"uses": data_uses()[:100], "page": page})


def agreement_page(request: HttpRequest, found: Agreement, **wrong: object) -> HttpResponse:
    """The agreement; `wrong` holds a form with errors, or faults, where something could not be done."""
    today = timezone.localdate()
    stage = found.stage(today)
    context = {
        "agreement": found,
        "stage": stage,
        "days": days_in_stages(found, today),
        "amendment": found.amendment(),
        "may_be_amended": stage in (Stage.SIGNED, Stage.IN_FORCE),
        "is_draft": stage in Stage.before_signing(),
        "signatures": found.signatures.select_related("organization", "signed_by"),
        "waiting": found.unsigned_parties(),
        "comments": comments_on(found),
        "answer_form": AnswerForm(),
        "comment_form": CommentForm(),
        "may_comment": stage == Stage.REVIEW and found.concerns(request.user),
        "reads": reads_of(found.feed)[:20],
        "termination_form": TerminationForm(),
        **wrong,
    }
    return render(request, "agreements/agreement.html", context, status=400 if wrong else 200)
