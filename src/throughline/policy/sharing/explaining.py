"""Says what could be read and why, without opening anything."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from throughline.policy.sharing.checks import unmet_terms
from throughline.policy.sharing.decisions import OWN, Refusal, decide, own_feed, preference
from throughline.policy.sharing.terms import Request, Terms


@dataclass(frozen=True, slots=True)
class Allowance:
    """Fields that one agreement in force lets be read together, and its sentences. It opens nothing: no grant.

    How roughly fields are told, of which records only, and whom they may be passed on to: see `Terms`.
    """

    agreement: str
    title: str
    fields: frozenset[str]
    minimum_cell: int
    precision: Mapping[str, str] = field(default_factory=dict, hash=False)
    rows: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
    onward_recipients: frozenset[str] = frozenset()
    clauses: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Access:
    """What could be read of the requested fields, agreement by agreement, and why nothing could of the rest.

    Agreements never combine, so only fields of one allowance can be read together. `refusal` is None where each
    field is in some allowance.
    """

    request: Request
    allowances: tuple[Allowance, ...]
    refusal: Refusal | None

    @property
    def fields(self) -> frozenset[str]:
        return _fields_of(self.allowances)


def explain(request: Request, terms: Iterable[Terms]) -> Access:
    """What `decide` would say of each part of the request, in the order in which it prefers agreements."""
    terms = sorted((agreed for agreed in terms if agreed.feed == request.feed), key=preference)
    is_closed = any(agreed.forbids(request) for agreed in terms)
    allowing = [] if is_closed else terms
    allowances = tuple(allowance for agreed in allowing if (allowance := _allowance(agreed, request)))
    rest = request.fields - _fields_of(allowances)
    answer = decide(replace(request, fields=rest), terms) if rest else None
    return Access(request, allowances, answer if isinstance(answer, Refusal) else None)


def explain_own_feed(request: Request, *, provider: str) -> Access:
    """The same for what an organization sends itself. Raises ValueError where `own_feed` does."""
    grant = own_feed(request, provider=provider)
    return Access(request, (Allowance(OWN, "", grant.fields, grant.minimum_cell),), None)


def _allowance(terms: Terms, request: Request) -> Allowance | None:
    shared = request.fields & terms.fields
    if not shared or unmet_terms(terms, replace(request, fields=shared)):
        return None
    return Allowance(
        agreement=terms.agreement,
        title=terms.title,
        fields=shared,
        minimum_cell=terms.minimum_cell,
        precision={name: how for name, how in terms.precision.items() if name in shared},
        rows=terms.rows,
        onward_recipients=terms.onward_recipients,
        clauses=terms.clauses,
    )


def _fields_of(allowances: Iterable[Allowance]) -> frozenset[str]:
    return frozenset[str]().union(*(allowance.fields for allowance in allowances))
