"""What programs are answered: JSON, and where something is wrong one sentence that says what."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse

from throughline.evidence.feeds.models import Delivery, Intake
from throughline.evidence.feeds.queries import changed_since

COUNTS = (
    "rows",
    "accepted",
    "revisions",
    "deleted",
    "duplicates",
    "repeated",
    "received_before",
    "quarantined",
    "unplaced",
)


def fault(status: int, sentence: str, **headers: str) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status, headers=headers)


def handed_over(request: HttpRequest, intake: Intake) -> JsonResponse:
    """202 (Accepted): kept, not yet read; where to ask what became of it."""
    address = request.build_absolute_uri(reverse("api_delivery", args=[intake.feed.key, intake.pk]))
    answer = state_of(intake) | {"address": address}
    return JsonResponse(answer, status=202, headers={"Location": address})


def state_of(intake: Intake) -> dict[str, Any]:
    """What became of a file: `state` is waiting, received or refused."""
    known = {
        "id": str(intake.pk),
        "file_name": intake.file_name,
        "handed_over_at": intake.handed_over_at.isoformat(),
    }
    if intake.refusal:
        return known | {"state": "refused", "refusal": intake.refusal}
    if intake.delivery:
        return known | {"state": "received", "receipt": _receipt(intake.delivery)}
    return known | {"state": "waiting", "share_read": intake.share_read}


def _receipt(delivery: Delivery) -> dict[str, Any]:
    withdrawn_at = delivery.withdrawn_at
    return {
        **{name: getattr(delivery, name) for name in COUNTS},
        "reasons": delivery.reasons,
        "mapping_version": delivery.mapping.version,
        "changed_since": changed_since(delivery),
        "withdrawn_at": withdrawn_at.isoformat() if withdrawn_at else None,
    }
