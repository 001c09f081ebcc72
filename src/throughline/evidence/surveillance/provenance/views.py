"""Pages that lead from a count to its records, and from a record to its file and row."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from throughline.evidence.feeds.clocks.as_of import AsOf
from throughline.evidence.feeds.models import Delivery, Feed
from throughline.evidence.surveillance.provenance.actions import PER_PAGE, show_history, show_records
from throughline.evidence.surveillance.provenance.changes import (
    cells,
    definitions_in_use,
    judged,
    told_apart,
    untold,
)
from throughline.evidence.surveillance.provenance.forms import ReasonForm, RecordsForm
from throughline.evidence.surveillance.queries import source_feeds
from throughline.members.access import Permission, requires
from throughline.policy.sharing import Refused


@requires(Permission.VIEW_QUARANTINE)
def records(request: HttpRequest) -> HttpResponse:
    """The records behind a count; what the address says is what the ledger keeps."""
    at = timezone.now()
    form, as_of = RecordsForm(request.GET or None), AsOf.of(request, now=at)
    context: dict[str, Any] = {"form": form, "as_of": as_of}
    if form.is_valid():
        context |= _records(request, form, as_of)
    status = 403 if "refusal" in context else 400 if form.errors else 200
    return render(request, "surveillance/records.html", context, status=status)


@requires(Permission.VIEW_QUARANTINE)
def record(request: HttpRequest, key: str, pk: UUID, row: int) -> HttpResponse:
    """One record with its history: file, row, mapping, definitions, and what each revision changed."""
    feed = get_object_or_404(Feed.objects.select_related("provider"), key=key)
    receipt = get_object_or_404(feed.deliveries.standing(), pk=pk)
    form = ReasonForm(request.GET or None)
    context: dict[str, Any] = {"form": form, "feed": feed, "receipt": receipt, "row": row}
    if form.is_valid():
        context |= _history(request, form, feed, receipt, row)
    status = 403 if {"refusal", "withheld"} & context.keys() else 400 if form.errors else 200
    return render(request, "surveillance/record.html", context, status=status)


def _records(request: HttpRequest, form: RecordsForm, as_of: AsOf) -> dict[str, Any]:
    count, reason = form.count(as_of.at if as_of.is_earlier else None), form.reason()
    found = {"count": count, "reason": reason, "feeds": source_feeds(count.indicator.key)}
    number = int(page) if (page := request.GET.get("page", "")).isdecimal() else 1
    first = PER_PAGE * (max(number, 1) - 1)
    try:
        shown = show_records(count=count, reason=reason, by=request.user, at=timezone.now(), first=first)
    except Refused as refused:
        return found | {"refusal": refused.refusal}
    files = Delivery.objects.in_bulk([record.delivery for record in shown.records])
    lines = [(record, files[UUID(record.delivery)], cells(record)) for record in shown.records]
    page = Paginator(range(shown.size.records), PER_PAGE).get_page(number)
    return found | {"shown": shown, "lines": lines, "page": page, "query": _reason_query(request)}


def _history(
    request: HttpRequest, form: ReasonForm, feed: Feed, receipt: Delivery, row: int
) -> dict[str, Any]:
    at = timezone.now()
    try:
        shown = show_history(
            feed=feed, delivery=str(receipt.pk), row=row, reason=form.reason(), by=request.user, at=at
        )
    except Refused as refused:
        return {"refusal": refused.refusal}
    if not shown.records and feed.is_part2:
        return {"withheld": True}
    if not shown.records:
        raise Http404
    latest = shown.records[-1]
    judgements = judged(latest, definitions_in_use(at=at))
    return {
        "shown": shown,
        "latest": latest,
        "cells": cells(latest),
        "revisions": told_apart(shown.records),
        "met": [judgement for judgement in judgements if judgement.matches],
        "untold": untold(judgements),
        "query": _reason_query(request),
    }


def _reason_query(request: HttpRequest) -> str:
    """What links between records carry on: the purpose, and the identifying fields that were asked for."""
    carried = request.GET.copy()
    for name in carried.keys() - {"purpose", "identifying"}:
        del carried[name]
    return str(carried.urlencode())
