"""Pages of feeds: what came, what was set aside and why, and the door for files."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from throughline.evidence.feeds import actions
from throughline.evidence.feeds.clocks.as_of import AsOf
from throughline.evidence.feeds.clocks.queries import feed_lines
from throughline.evidence.feeds.doors.reports.table import takes_reports
from throughline.evidence.feeds.doors.views import may_keep_tokens
from throughline.evidence.feeds.forms import FeedForm, UploadForm
from throughline.evidence.feeds.models import Delivery, Door, Feed, Intake
from throughline.evidence.feeds.queries import changed_since, may_deliver
from throughline.evidence.feeds.receiving import receive_again
from throughline.evidence.feeds.rereading import replay_quarantine
from throughline.members.access import Permission, allows, requires
from throughline.policy.sharing import Refused
from throughline.ui.sections import sections_for


@requires(Permission.VIEW_FEEDS)
def feeds(request: HttpRequest) -> HttpResponse:
    as_of = AsOf.of(request, now=timezone.now())
    return render(request, "feeds/feeds.html", {"lines": feed_lines(as_of.at), "as_of": as_of})


@requires(Permission.VIEW_FEEDS)
def feed(request: HttpRequest, key: str) -> HttpResponse:
    found = get_object_or_404(Feed.objects.select_related("provider", "steward"), key=key)
    return _feed_page(request, found, UploadForm())


@require_POST
@requires(Permission.DELIVER_FILES)
def upload(request: HttpRequest, key: str) -> HttpResponse:
    found = get_object_or_404(Feed, key=key)
    _check_may_deliver(request, found)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _feed_page(request, found, form, status=400)
    file = form.cleaned_data["file"]
    intake = actions.hand_over_file(
        feed=found,
        file=file.chunks(),
        file_name=file.name,
        by=request.user,
        at=timezone.now(),
        door=Door.UPLOAD,
    )
    return redirect("intake", pk=intake.pk)


@requires(Permission.DELIVER_FILES)
def intake(request: HttpRequest, pk: str) -> HttpResponse:
    """Progress of one file; polled until it ends in a receipt or a refusal."""
    found = _find_intake(request, pk)
    if found.delivery_id:
        receipt = redirect("delivery", pk=found.delivery_id)
        if request.htmx:
            return HttpResponse(headers={"HX-Redirect": receipt.url})
        return receipt
    template = "feeds/_progress.html" if request.htmx else "feeds/intake.html"
    return render(request, template, {"intake": found})


@require_POST
@requires(Permission.DELIVER_FILES)
def intake_retry(request: HttpRequest, pk: str) -> HttpResponse:
    found = _find_intake(request, pk)
    try:
        actions.try_again(intake=found, by=request.user, at=timezone.now())
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    return redirect("intake", pk=pk)


@require_POST
@requires(Permission.DELIVER_FILES)
def intake_discard(request: HttpRequest, pk: str) -> HttpResponse:
    found = _find_intake(request, pk)
    try:
        actions.discard_file(intake=found, by=request.user, at=timezone.now())
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    return redirect("feed", key=found.feed.key)


@requires(Permission.VIEW_FEEDS)
def delivery(request: HttpRequest, pk: str) -> HttpResponse:
    return _delivery_page(request, _find_delivery(pk))


@requires(Permission.VIEW_QUARANTINE)
def quarantine(request: HttpRequest, pk: str) -> HttpResponse:
    """The rows that were set aside: the provider's own people see them, others under an agreement."""
    found = _find_delivery(pk)
    if found.destruction_id:
        raise Http404
    page = Paginator(range(found.quarantined), 50).get_page(request.GET.get("page"))
    start = max(page.start_index() - 1, 0)
    try:
        rows = actions.read_quarantine(delivery=found, by=request.user, at=timezone.now(), start=start)
    except Refused as refused:
        context = {"delivery": found, "refusal": refused.refusal}
        return render(request, "feeds/quarantine.html", context, status=403)
    return render(request, "feeds/quarantine.html", {"delivery": found, "page": page, "rows": rows})


@require_POST
@requires(Permission.MANAGE_FEEDS)
def replay(request: HttpRequest, pk: str) -> HttpResponse:
    found = _find_delivery(pk)
    try:
        replayed = replay_quarantine(delivery=found, by=request.user, at=timezone.now())
    except ValidationError as fault:
        return _delivery_page(request, found, faults=fault.messages, status=400)
    return redirect("delivery", pk=replayed.pk)


@require_POST
@requires(Permission.MANAGE_FEEDS)
def again(request: HttpRequest, pk: str) -> HttpResponse:
    found = _find_delivery(pk)
    try:
        received = receive_again(delivery=found, by=request.user, at=timezone.now())
    except ValidationError as fault:
        return _delivery_page(request, found, faults=fault.messages, status=400)
    return redirect("delivery", pk=received.pk)


@requires(Permission.MANAGE_FEEDS)
def feed_new(request: HttpRequest) -> HttpResponse:
    form = FeedForm(request.POST or None)
    if form.is_valid():
        try:
            added = actions.add_feed(**form.cleaned_data, by=request.user, at=timezone.now())
            return redirect("feed" if added.mapping else "mapping", key=added.key)
        except ValidationError as fault:
            form.add_error(None, fault)
    return render(request, "feeds/feed_new.html", {"form": form})


def _check_may_deliver(request: HttpRequest, found: Feed) -> None:
    if not may_deliver(request.user, found):
        raise PermissionDenied


def _find_intake(request: HttpRequest, pk: str) -> Intake:
    """A file on its way in: what is said of it can quote its rows, so only those who may deliver see it."""
    found = get_object_or_404(Intake.objects.select_related("feed"), pk=pk)
    _check_may_deliver(request, found.feed)
    return found


def _find_delivery(pk: str) -> Delivery:
    return get_object_or_404(
        Delivery.objects.select_related("feed", "mapping", "received_by", "replay_of", "withdrawn_by"), pk=pk
    )


def _feed_page(request: HttpRequest, found: Feed, form: UploadForm, status: int = 200) -> HttpResponse:
    may_hand_over = allows(request, Permission.DELIVER_FILES) and may_deliver(request.user, found)
    refused = found.intakes.filter(delivery=None) if may_hand_over else []
    as_of = AsOf.of(request, now=timezone.now())
    deliveries = (
        found.deliveries.filter(usable_at__lte=as_of.at) if as_of.is_earlier else found.deliveries.all()
    )
    context = {
        "feed": found,
        "as_of": as_of,
        "mapping": found.mapping,
        "page": Paginator(deliveries, 50).get_page(request.GET.get("page")),
        "intakes": [intake for intake in refused if intake.file.exists()],
        "may_deliver": may_hand_over,
        "takes_reports": may_hand_over and takes_reports(found),
        "may_keep_tokens": may_keep_tokens(request, found),
        "sections": sections_for("feed", request, found, as_of.at),
        "form": form,
    }
    return render(request, "feeds/feed.html", context, status=status)


def _delivery_page(
    request: HttpRequest, found: Delivery, faults: list[str] | None = None, status: int = 200
) -> HttpResponse:
    mapping_in_use, replays = found.feed.mapping, list(found.replays.select_related("mapping"))
    read_under = {found.mapping_id, *(one.mapping_id for one in replays if not one.withdrawn_at)}
    context = {
        "delivery": found,
        "replays": replays,
        "faults": faults or [],
        "can_withdraw": not found.withdrawn_at
        and found.door != Door.REREAD
        and allows(request, Permission.MANAGE_FEEDS),
        "can_replay": found.quarantined
        and not found.withdrawn_at
        and mapping_in_use.pk not in read_under
        and allows(request, Permission.MANAGE_FEEDS),
        "mapping_in_use": mapping_in_use,
        "changed_since": changed_since(found),
        "awaited_by": found.awaited_by.standing(),
        "can_receive_again": found.file_is_its_own and allows(request, Permission.MANAGE_FEEDS),
    }
    return render(request, "feeds/delivery.html", context, status=status)


@require_POST
@requires(Permission.MANAGE_FEEDS)
def feed_part2(request: HttpRequest, key: str) -> HttpResponse:
    feed = get_object_or_404(Feed, key=key)
    actions.mark_treatment_records(feed=feed, by=request.user, at=timezone.now())
    return redirect("feed", key=key)
