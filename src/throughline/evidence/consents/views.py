"""Pages of a privacy officer: consents recorded and revoked, emergencies reviewed; and the glass to break."""

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from throughline.evidence.consents import actions
from throughline.evidence.consents.forms import ConsentForm, EmergencyForm, ReviewForm, RevocationForm
from throughline.evidence.consents.queries import consents_for, emergencies_for
from throughline.members.access import Permission, requires

PER_PAGE = 50


@requires(Permission.MANAGE_CONSENTS)
def consents(request: HttpRequest) -> HttpResponse:
    page = Paginator(consents_for(request.user), PER_PAGE).get_page(request.GET.get("page"))
    waiting = emergencies_for(request.user).unreviewed().count()
    return render(
        request, "consents/consents.html", {"page": page, "waiting": waiting, "now": timezone.now()}
    )


@requires(Permission.MANAGE_CONSENTS)
def consent_new(request: HttpRequest) -> HttpResponse:
    form = ConsentForm(request.POST or None, initial={"discloser": request.user.organization})
    if form.is_valid():
        try:
            actions.record_consent(**form.facts(), by=request.user, at=timezone.now())
            return redirect("consents")
        except ValidationError as fault:
            form.add_error(None, fault.messages)
    status = 400 if form.errors else 200
    return render(request, "consents/consent_new.html", {"form": form}, status=status)


@requires(Permission.MANAGE_CONSENTS)
def consent_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """The consent, and how to void it from this instant on."""
    consent = get_object_or_404(consents_for(request.user), pk=pk)
    form = RevocationForm(request.POST or None)
    if form.is_valid():
        try:
            actions.revoke_consent(consent=consent, **form.cleaned_data, by=request.user, at=timezone.now())
            return redirect("consents")
        except ValidationError as fault:
            form.add_error(None, fault.messages)
    context = {"consent": consent, "form": form}
    return render(request, "consents/consent_revoke.html", context, status=400 if form.errors else 200)


@requires(Permission.MANAGE_CONSENTS)
def emergencies(request: HttpRequest) -> HttpResponse:
    page = Paginator(emergencies_for(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "consents/emergencies.html", {"page": page})


@requires(Permission.VIEW_QUARANTINE)
def emergency_new(request: HttpRequest) -> HttpResponse:
    """Break the glass: for whoever sees records at all."""
    form = EmergencyForm(request.POST or None)
    opened = None
    if form.is_valid():
        try:
            opened = actions.break_glass(**form.cleaned_data, by=request.user, at=timezone.now())
        except ValidationError as fault:
            form.add_error(None, fault.messages)
    context = {"form": form, "opened": opened}
    return render(request, "consents/emergency_new.html", context, status=400 if form.errors else 200)


@requires(Permission.MANAGE_CONSENTS)
def emergency_review(request: HttpRequest, pk: int) -> HttpResponse:
    emergency = get_object_or_404(emergencies_for(request.user), pk=pk)
    form = ReviewForm(request.POST or None)
    if form.is_valid():
        try:
            actions.review_break_glass(
                emergency=emergency, **form.cleaned_data, by=request.user, at=timezone.now()
            )
            return redirect("emergencies")
        except ValidationError as fault:
            form.add_error(None, fault.messages)
    context = {"emergency": emergency, "form": form}
    return render(request, "consents/emergency_review.html", context, status=400 if form.errors else 200)
