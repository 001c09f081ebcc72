"""Pages of the exchange: neighbours, what they told, and what goes to them."""

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from throughline.evidence.exchange import actions
from throughline.evidence.exchange.forms import DocumentForm, NeighbourForm, SendForm
from throughline.evidence.exchange.keys import own_key, public_key_of
from throughline.evidence.exchange.models import Neighbour, SentCounts
from throughline.evidence.exchange.queries import missing_serials, preview, tables_for
from throughline.evidence.exchange.sending import read_for
from throughline.evidence.surveillance.queries import NoSource
from throughline.members.access import Permission, requires
from throughline.policy.sharing import Refused


@requires(Permission.VIEW_AGREEMENTS)
def exchange(request: HttpRequest) -> HttpResponse:
    key = own_key()
    context = {
        "key": public_key_of(key) if key else "",
        "neighbours": Neighbour.objects.select_related("organization"),
    }
    return render(request, "exchange/exchange.html", context)


@requires(Permission.MANAGE_AGREEMENTS)
def neighbour_new(request: HttpRequest) -> HttpResponse:
    form = NeighbourForm(request.POST or None)
    if form.is_valid():
        try:
            registered = actions.register_neighbour(**form.cleaned_data, by=request.user, at=timezone.now())
            return redirect("neighbour", pk=registered.pk)
        except ValidationError as fault:
            form.add_error("public_key", fault.messages)
    return render(request, "exchange/neighbour_new.html", {"form": form})


@requires(Permission.VIEW_AGREEMENTS)
def neighbour(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Neighbour.objects.select_related("organization"), pk=pk)
    received = found.received.select_related("received_by", "agreement")
    sent = found.sent.select_related("made_by", "agreement")
    context = {
        "neighbour": found,
        "tables": tables_for(request.user, found, on=timezone.localdate()),
        "missing": missing_serials(found),
        "received": received[:20],
        "page": Paginator(sent, 20).get_page(request.GET.get("page")),
    }
    return render(request, "exchange/neighbour.html", context)


@requires(Permission.PUBLISH)
def counts_send(request: HttpRequest, pk: int) -> HttpResponse:
    """First a look at exactly what would be told for ever, then the document."""
    found = get_object_or_404(Neighbour.objects.select_related("organization"), pk=pk)
    form = SendForm(request.POST or None)
    context = {"neighbour": found, "form": form}
    if form.is_valid():
        asked = {**form.facts(), "by": request.user, "at": timezone.now()}
        try:
            if "send" in request.POST:
                actions.send_counts(neighbour=found, **asked)
                return redirect("neighbour", pk=pk)
            context["table"] = preview(read_for(found, **asked))
        except ValidationError as fault:
            form.add_error(None, fault.messages)
        except (Refused, NoSource) as refusal:
            form.add_error(None, str(refusal))
    return render(request, "exchange/send.html", context)


@requires(Permission.DELIVER_FILES)
def counts_receive(request: HttpRequest) -> HttpResponse:
    form = DocumentForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            received = actions.receive_counts(text=form.text(), by=request.user, at=timezone.now())
            return redirect("neighbour", pk=received.neighbour_id)
        except ValidationError as fault:
            form.add_error("file", fault.messages)
    return render(request, "exchange/receive.html", {"form": form})


@requires(Permission.PUBLISH)
def sent_document(request: HttpRequest, pk: int) -> HttpResponse:
    """The document once more, as it was signed; to be carried over by whatever way."""
    sent = get_object_or_404(SentCounts, pk=pk)
    name = f"counts-{sent.serial}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(sent.text, content_type="application/json", headers=headers)
