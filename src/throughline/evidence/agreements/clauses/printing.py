"""Prints the text of an agreement as a tagged PDF, from the same words as the page."""

import json
from collections.abc import Iterable
from importlib.resources import files

import typst
from django.utils import timezone

from throughline.evidence.agreements.clauses.writing import sections_of
from throughline.evidence.agreements.models import Signature, Version


def print_text(version: Version, *, signatures: Iterable[Signature], stage: str) -> bytes:
    """The text with its hash, the signatures under it, and where the agreement stands, as PDF/UA-1.

    The words are data to the typesetter, so nothing in a name or a clause can be markup. Raises
    typst.TypstError where they can't be laid out.
    """
    document = {
        "title": version.agreement.title,
        "hash": version.text_hash,
        "stage": f"Printed while: {stage}",
        "sections": [
            {"heading": section.heading, "paragraphs": section.paragraphs, "first": place == 0}
            for place, section in enumerate(sections_of(version.text))
        ],
        "signatures_heading": "Signatures under this text",
        "signatures": [_line(signature) for signature in signatures],
        "unsigned": "Nobody has signed this text.",
    }
    return typst.compile(
        files(__package__).joinpath("agreement.typ").read_bytes(),
        format="pdf",
        sys_inputs={"document": json.dumps(document)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
    )


def _line(signature: Signature) -> str:
    signed_at = timezone.localtime(signature.signed_at)
    return f"{signature.organization}, by {signature.signed_by}, {signed_at:%d %B %Y %H:%M %Z}"
