"""The register of kinds: each app that raises signals says so in its own `signal_kinds.py`."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SignalKind:
    key: str
    name: Any  # lazily translated
    hours_to_answer: int
    owner_role: str  # a key of members.access.ROLES: the backbone's seat that answers if nobody else is named
    evidence_template: str = ""  # shows `signal.evidence` on the signal's page


_kinds: dict[str, SignalKind] = {}


def register(kind: SignalKind) -> SignalKind:
    if kind.key in _kinds and _kinds[kind.key] != kind:
        raise ValueError(f"The kind of signal “{kind.key}” is registered twice.")
    _kinds[kind.key] = kind
    return kind


def kind_of(key: str) -> SignalKind:
    """The registered kind. Raises KeyError for a kind that no app raises."""
    return _kinds[key]


def kind_or_name(key: str) -> SignalKind:
    """The kind for display: an old signal stays readable after its app has gone."""
    return _kinds.get(key) or SignalKind(key, key.replace("_", " "), 24, "project_manager")


def all_kinds() -> list[SignalKind]:
    return sorted(_kinds.values(), key=lambda kind: kind.key)
