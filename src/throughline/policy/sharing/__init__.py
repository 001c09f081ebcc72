"""Decides whether an agreement in force allows a read, and says which sentence forbids it where none does."""

from throughline.policy.sharing.decisions import (
    OWN,
    Grant,
    Reason,
    Refusal,
    Refused,
    decide,
    own_feed,
)
from throughline.policy.sharing.explaining import Access, Allowance, explain, explain_own_feed
from throughline.policy.sharing.terms import COARSEST, TERMS, Purpose, Request, Terms

__all__ = [
    "COARSEST",
    "OWN",
    "TERMS",
    "Access",
    "Allowance",
    "Grant",
    "Purpose",
    "Reason",
    "Refusal",
    "Refused",
    "Request",
    "Terms",
    "decide",
    "explain",
    "explain_own_feed",
    "own_feed",
]
