"""What was watched, a look on demand, and the counts that looks are at."""

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from throughline.evidence.feeds.clocks.as_of import AsOf
from throughline.evidence.surveillance.actions import detect
from throughline.evidence.surveillance.forms import DetectionForm
from throughline.evidence.surveillance.models import DetectionRun
from throughline.evidence.surveillance.picture import LATEST_DAYS, read_picture
from throughline.evidence.surveillance.queries import source_feeds
from throughline.indicators import INDICATORS
from throughline.members.access import Permission, requires
from throughline.members.forms import perform
from throughline.members.places.models import Place


@requires(Permission.RUN_DETECTION)
def detection_runs(request: HttpRequest) -> HttpResponse:
    form = DetectionForm(request.POST or None, initial={"on": timezone.localdate()})
    if form.is_bound and perform(form, detect, by=request.user, at=timezone.now()) is not None:
        return redirect("detection_runs")
    as_of = AsOf.of(request, now=timezone.now())
    runs = DetectionRun.objects.select_related("ran_by", "jurisdiction")
    if as_of.is_earlier:
        runs = runs.filter(ran_at__lte=as_of.at)
    context = {
        "form": form,
        "page": Paginator(runs, 50).get_page(request.GET.get("page")),
        "indicators": [indicator for key, indicator in INDICATORS.items() if source_feeds(key)],
        "as_of": as_of,
    }
    return render(request, "surveillance/detection_runs.html", context)


@requires(Permission.RUN_DETECTION)
def counts(request: HttpRequest, indicator: str) -> HttpResponse:
    """Events per day and place, as far as agreements open them to the person's organization."""
    if indicator not in INDICATORS:
        raise Http404
    chosen = request.GET.get("place")
    context = {
        "name": _(INDICATORS[indicator].name),
        "place": get_object_or_404(Place, code=chosen) if chosen else None,
        "as_of": AsOf.of(request, now=timezone.now()),
        "latest_days": LATEST_DAYS,
    }
    try:
        context["picture"] = read_picture(
            indicator=INDICATORS[indicator],
            place=context["place"],
            by=request.user,
            at=timezone.now(),
            as_of=context["as_of"].at,
        )
    except ValidationError as refusal:
        context["refusal"] = " ".join(refusal.messages)
    return render(request, "surveillance/counts.html", context, status=403 if "refusal" in context else 200)
