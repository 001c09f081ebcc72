"""The text of an agreement, as a page to read and sign, and as the file that its hash is of."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation

from throughline.evidence.agreements.clauses.printing import print_text
from throughline.evidence.agreements.clauses.writing import sections_of
from throughline.evidence.agreements.models import Agreement, Stage, Version
from throughline.members.access import Permission, allows, requires


@requires(Permission.VIEW_AGREEMENTS)
def agreement_text(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found, version = _version(pk, number)
    stage = found.stage(timezone.localdate())
    is_newest = version == found.version
    may_sign = (
        is_newest
        and stage == Stage.SIGNATURE
        and request.user.organization in found.unsigned_parties()
        and allows(request, Permission.SIGN_AGREEMENTS)
    )
    context = {
        "agreement": found,
        "version": version,
        "sections": sections_of(version.text),
        "stage": stage,
        "is_newest": is_newest,
        "signatures": found.signatures.of_text(version.text_hash).select_related("organization", "signed_by"),
        "may_sign": may_sign,
    }
    return render(request, "agreements/text.html", context)


@requires(Permission.VIEW_AGREEMENTS)
def agreement_text_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The bytes that were hashed: `sha256sum` of the file says what the signatures say."""
    _agreement, version = _version(pk, number)
    name = f"agreement-{pk}-version-{number}.txt"
    return HttpResponse(
        version.text.encode(),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@requires(Permission.VIEW_AGREEMENTS)
def agreement_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest text, to print."""
    found = get_object_or_404(Agreement, pk=pk)
    version = get_object_or_404(found.versions, text_hash=found.text_hash)
    signatures = found.signatures.of_text(version.text_hash).select_related("organization", "signed_by")
    with translation.override("en"):  # the language of the text
        stage = str(found.stage(timezone.localdate()).label)
    printed = print_text(version, signatures=signatures, stage=stage)
    name = f"agreement-{pk}-version-{version.number}.pdf"
    return HttpResponse(
        printed,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def _version(pk: int, number: int) -> tuple[Agreement, Version]:
    found = get_object_or_404(Agreement, pk=pk)
    return found, get_object_or_404(found.versions, number=number)
