"""Checks a request against each term of an agreement, and says in words what is not met."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from throughline.policy.precision import coarseness
from throughline.policy.sharing.terms import Purpose, Request, Terms, listed


def unmet_terms(terms: Terms, request: Request) -> list[str]:
    """The names of the terms that the request does not meet; none where the agreement allows it."""
    return [name for name, is_met in _CHECKS.items() if not is_met(terms, request)]


def explanation(terms: Terms, term: str, request: Request) -> str:
    """How the request misses the term."""
    return f"agreement {terms.agreement} {_WORDS[term](terms, request)}"


def _too_rough(terms: Terms, request: Request) -> list[str]:
    """The wanted fields that the agreement tells more roughly than the asker can use."""
    return [
        name
        for name, precision in terms.precision.items()
        if name in request.fields
        and coarseness(name, precision) > coarseness(name, request.precision.get(name))
    ]


_CHECKS: Mapping[str, Callable[[Terms, Request], bool]] = MappingProxyType(
    {
        "dates": lambda terms, request: terms.in_force(request.on),
        "recipients": lambda terms, request: (request.through or request.recipient) in terms.recipients,
        "onward": lambda terms, request: not request.through or request.recipient in terms.onward_recipients,
        "purposes": lambda terms, request: request.purpose in terms.purposes,
        "law_enforcement": lambda terms, request: (
            request.purpose is not Purpose.LAW_ENFORCEMENT
            or Purpose.LAW_ENFORCEMENT not in terms.purposes  # which "purposes" says
            or bool(terms.clauses.get("law_enforcement"))
        ),
        "fields": lambda terms, request: request.fields <= terms.fields,
        "precision": lambda terms, request: (
            request.fields.isdisjoint(terms.precision) or not _too_rough(terms, request)
        ),
    }
)


def _outside_its_days(terms: Terms, request: Request) -> str:
    if request.on < terms.starts_on:
        return f"starts on {terms.starts_on}"
    if terms.terminated_on and request.on >= terms.terminated_on:
        return f"was terminated on {terms.terminated_on}"
    return f"ended on {terms.ends_on}"


def _rough_fields(terms: Terms, request: Request) -> str:
    rough = (f"{name} only to the {terms.precision[name]}" for name in _too_rough(terms, request))
    return f"tells {listed(rough)}"


_WORDS: Mapping[str, Callable[[Terms, Request], str]] = MappingProxyType(
    {
        "dates": _outside_its_days,
        "recipients": lambda _, request: (
            f"does not name {request.through or request.recipient} as a recipient"
        ),
        "onward": lambda _, request: f"does not let {request.through} pass data on to {request.recipient}",
        "purposes": lambda _, request: f"does not allow {request.purpose.label}",
        "forbidden_purposes": lambda _, request: f"forbids {request.purpose.label}, whatever others allow",
        "law_enforcement": lambda _, __: "has no clause that opens it to law enforcement",
        "fields": lambda terms, request: f"does not share {listed(request.fields - terms.fields)}",
        "precision": _rough_fields,
    }
)
