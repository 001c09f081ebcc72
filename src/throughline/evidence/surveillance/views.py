"""What was watched, and a look on demand."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from throughline.evidence.surveillance.actions import detect
from throughline.evidence.surveillance.forms import DetectionForm
from throughline.evidence.surveillance.models import DetectionRun
from throughline.members.access import Permission, requires
from throughline.members.forms import perform


@requires(Permission.RUN_DETECTION)
def detection_runs(request: HttpRequest) -> HttpResponse:
    form = DetectionForm(request.POST or None, initial={"on": timezone.localdate()})
    if form.is_bound and perform(form, detect, by=request.user, at=timezone.now()) is not None:
        return redirect("detection_runs")
    runs = DetectionRun.objects.select_related("ran_by", "jurisdiction")
    page = Paginator(runs, 50).get_page(request.GET.get("page"))
    return render(request, "surveillance/detection_runs.html", {"form": form, "page": page})
