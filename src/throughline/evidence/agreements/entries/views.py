"""Pages of one entry: what it says, and its proof, to be checked without us."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from throughline.ledger.models import DailyRoot, Entry
from throughline.ledger.proofs import NoProof, inclusion_proof
from throughline.members.access import Permission, requires


@requires(Permission.VIEW_LEDGER)
def entry(request: HttpRequest, sequence: int) -> HttpResponse:
    found = get_object_or_404(Entry, sequence=sequence)
    context: dict[str, Any] = {"entry": found, "detail": _indented(found.detail), "root": _root_over(found)}
    try:
        context["proof"] = _proof(found)
    except NoProof as fault:
        context["fault"] = str(fault)
    return render(request, "agreements/entry.html", context)


@requires(Permission.VIEW_LEDGER)
def entry_proof(request: HttpRequest, sequence: int) -> HttpResponse:
    """In the form of `throughline ledger-proof --content`, for docs/explanation/check_ledger.py."""
    try:
        proof = _proof(get_object_or_404(Entry, sequence=sequence))
    except NoProof as fault:
        raise Http404(str(fault)) from fault
    if proof is None:
        raise Http404(sequence)
    name = f'attachment; filename="ledger-proof-{sequence}.json"'
    return JsonResponse(proof, headers={"Content-Disposition": name}, json_dumps_params={"indent": 2})


def _root_over(found: Entry) -> DailyRoot | None:
    """The newest published root that stands for the entry too; None before its day is over."""
    return DailyRoot.objects.filter(size__gte=found.sequence).last()


def _proof(found: Entry) -> dict[str, Any] | None:
    root = _root_over(found)
    return inclusion_proof(found.sequence, root.size, with_content=True) if root else None


def _indented(detail: dict[str, Any]) -> str:
    return json.dumps(detail, indent=2, ensure_ascii=False)
