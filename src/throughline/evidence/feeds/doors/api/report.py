"""Reads one report of an overdose out of a request's JSON."""

import json
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from throughline.evidence.feeds.doors.api.body import announced_bytes
from throughline.evidence.feeds.doors.reports.forms import ReportForm

_MOST_BYTES = 100_000


def report_in(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """The answers of the form, by their names. Raises ValidationError that names each field with a fault."""
    announced_bytes(request, limit=_MOST_BYTES)
    answers = _answers(request.body)
    known = ReportForm.base_fields.keys()
    if unknown := sorted(answers.keys() - known):
        expected = {"unknown": ", ".join(unknown)[:200], "known": ", ".join(sorted(known))}
        raise ValidationError(_("Unknown: %(unknown)s. Expected some of: %(known)s.") % expected)
    form = ReportForm(answers, now=now)
    if not form.is_valid():
        raise ValidationError([f"{name}: {' '.join(faults)}" for name, faults in form.errors.items()])
    return form.report()


def _answers(body: bytes) -> dict[str, str]:
    try:
        answers = json.loads(body)
    except (ValueError, RecursionError) as broken:
        raise ValidationError(_("The body is no JSON.")) from broken
    if not isinstance(answers, dict):
        raise ValidationError(_("Expected a JSON object with the answers."))
    if odd := [name for name, answer in answers.items() if isinstance(answer, dict | list | bool)]:
        raise ValidationError(_("%(name)s: expected a text or a number.") % {"name": odd[0][:200]})
    return {name: "" if answer is None else str(answer) for name, answer in answers.items()}
