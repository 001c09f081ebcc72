"""What a signal's page says about how it went on, and how to follow its count to records."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from throughline.evidence.feeds.clocks.as_of import AsOf
from throughline.evidence.feeds.queries import may_see_counts
from throughline.evidence.surveillance.course import course_of
from throughline.evidence.surveillance.provenance.links import records_behind
from throughline.members.access import Permission, allows
from throughline.signals.models import Signal
from throughline.ui.sections import Section, section


@section("signal")
def course(request: Any, signal: Signal, at: datetime) -> Section | None:
    """Every look that saw it, for those who may see counts: whether it grows is told by counts as well."""
    course = course_of(signal) if signal.kind == "hotspot" else None
    if course is None or not may_see_counts(request.user, course.feeds, on=timezone.localdate(at)):
        return None
    as_of = AsOf.of(request, now=at)
    told = course_of(signal, as_of=as_of.at) if as_of.is_earlier else course
    return Section(_("How it went on"), "surveillance/course.html", {"course": told, "as_of": as_of}, order=2)


@section("signal")
def behind(request: Any, signal: Signal, at: datetime) -> Section | None:
    """The way from the count to its records, for those who may see rows; agreements decide when they go it."""
    links = records_behind(signal) if allows(request, Permission.VIEW_QUARANTINE) else []
    if not links:
        return None
    return Section(_("The records behind it"), "surveillance/behind.html", {"links": links}, order=3)
