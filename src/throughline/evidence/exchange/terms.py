"""Tells whether two installations have signed the same agreement: each keeps its own copy of it."""

import hashlib

from throughline.evidence.agreements.models import Agreement
from throughline.ledger.models import canonical_json

_AS_STORED = (
    "title", "feed", "purposes", "fields", "minimum_cell", "forbidden_purposes", "precision", "rows", "clauses",
)  # fmt: skip


def terms_digest(agreement: Agreement) -> str:
    """SHA-256 of the terms, without what each side numbers and dates for itself."""
    terms = {name: getattr(agreement, name) for name in _AS_STORED}
    parties = {
        "provider": agreement.provider.name,
        "recipients": sorted(recipient.name for recipient in agreement.recipients.all()),
        "onward_recipients": sorted(onward.name for onward in agreement.onward_recipients.all()),
    }
    days = {"starts_on": f"{agreement.starts_on}", "ends_on": f"{agreement.ends_on or ''}"}
    return hashlib.sha256(canonical_json(terms | parties | days).encode()).hexdigest()
