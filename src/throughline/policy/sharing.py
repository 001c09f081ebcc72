"""Decides whether an agreement in force allows a read, and says which sentence forbids it where none does."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import InitVar, dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Never, Self, final


class Purpose(StrEnum):
    """What data may be used for. Agreements name purposes; every read states exactly one."""

    label: str

    def __new__(cls, code: str, label: str) -> Self:
        purpose = str.__new__(cls, code)
        purpose._value_ = code
        purpose.label = label
        return purpose

    SURVEILLANCE = "surveillance", "watching for overdoses and where they happen"
    RESPONSE = "response", "answering a signal"
    EVALUATION = "evaluation", "measuring whether an answer helped"
    PUBLICATION = "publication", "publishing counts"
    QUALITY = "quality", "checking the quality of the data received"
    RESEARCH = "research", "research"
    LAW_ENFORCEMENT = "law_enforcement", "law enforcement"


@dataclass(frozen=True, slots=True)
class Terms:
    """One agreement's rules about one feed, and the sentences of its text that state them.

    `ends_on` is the last day in force; from `terminated_on` on it is not in force. `clauses` maps the names
    of the terms (dates, recipients, purposes, fields) to the agreement's own words.
    """

    agreement: str
    title: str
    feed: str
    provider: str
    recipients: frozenset[str]
    purposes: frozenset[Purpose]
    fields: frozenset[str]
    minimum_cell: int
    starts_on: date
    ends_on: date | None = None
    terminated_on: date | None = None
    clauses: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _require_frozensets(self, "recipients", "purposes", "fields")
        if self.minimum_cell < 1:
            raise ValueError(
                f"Agreement {self.agreement} has the minimum cell {self.minimum_cell}, expected 1 or more."
            )
        if self.ends_on and self.ends_on < self.starts_on:
            raise ValueError(
                f"Agreement {self.agreement} ends on {self.ends_on}, before it starts on {self.starts_on}."
            )
        if unknown := self.clauses.keys() - _CHECKS.keys():
            raise ValueError(f"Agreement {self.agreement} has clauses for unknown terms: {_listed(unknown)}.")

    def in_force(self, on: date) -> bool:
        """Whether it is in force on that day: begun, not past its last day, not terminated."""
        return (
            self.starts_on <= on
            and (self.ends_on is None or on <= self.ends_on)
            and (self.terminated_on is None or on < self.terminated_on)
        )


@dataclass(frozen=True, slots=True)
class Request:
    """One organization's wish to read some fields of a feed, for one purpose, on a day."""

    feed: str
    recipient: str
    purpose: Purpose
    fields: frozenset[str]
    on: date

    def __post_init__(self) -> None:
        _require_frozensets(self, "fields")
        if not isinstance(self.purpose, Purpose):
            raise TypeError(f"Request.purpose is {self.purpose!r}, expected a Purpose.")
        if not self.fields:
            raise ValueError(f"A request to read the feed {self.feed} names no field; expected one or more.")


_SEAL = object()
OWN = "own"  # stands for the agreement where an organization reads what it sends itself


@final
@dataclass(frozen=True, slots=True)
class Grant:
    """Proof that one agreement in force allows exactly this read. Only `decide` makes one, and `own_feed`.

    The seal stops mistakes, not hostile code in the same process: a grant can't be constructed, subclassed,
    replaced or unpickled elsewhere, and its copy is itself.
    """

    agreement: str
    feed: str
    recipient: str
    purpose: Purpose
    fields: frozenset[str]
    minimum_cell: int
    on: date
    _seal: InitVar[object] = None

    def __post_init__(self, _seal: object) -> None:
        if _seal is not _SEAL:
            raise TypeError("A Grant comes only from throughline.policy.sharing.")

    def __init_subclass__(cls, **kwargs: Any) -> Never:
        raise TypeError("A Grant can't be subclassed.")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("A Grant can't be stored; ask again where it is needed.")

    def __setstate__(self, state: object) -> Never:
        raise TypeError("A Grant can't be changed.")


@dataclass(frozen=True, slots=True)
class Reason:
    """One unmet term: which agreement's, its sentence (empty where the text has none), and what was not met.

    `agreement` is None, and `term` is "feed", where no agreement covers the feed at all.
    """

    agreement: str | None
    term: str
    clause: str
    explanation: str

    def __str__(self) -> str:
        return f"{self.explanation} (“{self.clause.rstrip('.')}”)" if self.clause else self.explanation


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was granted; `str()` is a sentence for people."""

    request: Request
    reasons: tuple[Reason, ...]

    def __str__(self) -> str:
        asked = self.request
        reasons = "; ".join(map(str, self.reasons))
        read = f"read the feed {asked.feed} for {asked.purpose.label} on {asked.on}"
        return f"{asked.recipient} may not {read}: {reasons}."


class Refused(Exception):
    """Raised by callers that can't go on without a grant."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def decide(request: Request, terms: Iterable[Terms]) -> Grant | Refusal:
    """Grant the request if one agreement allows all of it; otherwise refuse and quote the closest agreements.

    Two agreements never combine: each was signed for its own use. Where several allow the read, the one with
    the highest minimum cell is named, since it protects people best; then the one with the fewest fields,
    since it was written for a use most like this one; then the first by id. The grant holds only the fields
    that were asked for.
    """
    unmet = [(agreed, _unmet(agreed, request)) for agreed in terms if agreed.feed == request.feed]
    allowing = [agreed for agreed, names in unmet if not names]
    if allowing:
        return _grant(request, min(allowing, key=_preference))
    return Refusal(request, _closest(unmet, request) or (_not_covered(request),))


@dataclass(frozen=True, slots=True)
class Allowance:
    """Fields that one agreement in force lets be read together, and its sentences. It opens nothing: no grant."""

    agreement: str
    title: str
    fields: frozenset[str]
    minimum_cell: int
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
    terms = sorted((agreed for agreed in terms if agreed.feed == request.feed), key=_preference)
    allowances = tuple(allowance for agreed in terms if (allowance := _allowance(agreed, request)))
    rest = request.fields - _fields_of(allowances)
    answer = decide(replace(request, fields=rest), terms) if rest else None
    return Access(request, allowances, answer if isinstance(answer, Refusal) else None)


def explain_own_feed(request: Request, *, provider: str) -> Access:
    """The same for what an organization sends itself. Raises ValueError where `own_feed` does."""
    grant = own_feed(request, provider=provider)
    return Access(request, (Allowance(OWN, "", grant.fields, grant.minimum_cell),), None)


def _allowance(terms: Terms, request: Request) -> Allowance | None:
    shared = request.fields & terms.fields
    if not shared or _unmet(terms, replace(request, fields=shared)):
        return None
    return Allowance(terms.agreement, terms.title, shared, terms.minimum_cell, terms.clauses)


def _fields_of(allowances: Iterable[Allowance]) -> frozenset[str]:
    return frozenset[str]().union(*(allowance.fields for allowance in allowances))


def own_feed(request: Request, *, provider: str) -> Grant:
    """An organization may check the quality of what it sends itself: no agreement is needed, nothing is too small.

    For any other purpose, such as publishing, its own agreement binds it as well. Raises ValueError then, and
    where somebody else asks.
    """
    if request.recipient != provider or request.purpose is not Purpose.QUALITY:
        raise ValueError(f"{request.recipient} asks to read {provider}'s feed for {request.purpose.label}.")
    return Grant(
        agreement=OWN,
        feed=request.feed,
        recipient=request.recipient,
        purpose=request.purpose,
        fields=request.fields,
        minimum_cell=1,
        on=request.on,
        _seal=_SEAL,
    )


def _grant(request: Request, terms: Terms) -> Grant:
    return Grant(
        agreement=terms.agreement,
        feed=request.feed,
        recipient=request.recipient,
        purpose=request.purpose,
        fields=request.fields,
        minimum_cell=terms.minimum_cell,
        on=request.on,
        _seal=_SEAL,
    )


def _preference(terms: Terms) -> tuple[int, int, str]:
    return -terms.minimum_cell, len(terms.fields), terms.agreement


def _unmet(terms: Terms, request: Request) -> list[str]:
    return [name for name, (is_met, _) in _CHECKS.items() if not is_met(terms, request)]


def _closest(unmet: list[tuple[Terms, list[str]]], request: Request) -> tuple[Reason, ...]:
    """The reasons of the agreements with the fewest unmet terms, in order of agreement."""
    fewest = min((len(names) for _, names in unmet), default=0)
    closest = [(agreed, names) for agreed, names in unmet if len(names) == fewest]
    return tuple(
        _reason(agreed, name, request)
        for agreed, names in sorted(closest, key=lambda pair: pair[0].agreement)
        for name in names
    )


def _reason(terms: Terms, name: str, request: Request) -> Reason:
    _, explain_unmet = _CHECKS[name]
    explanation = f"agreement {terms.agreement} {explain_unmet(terms, request)}"
    return Reason(terms.agreement, name, terms.clauses.get(name, ""), explanation)


def _not_covered(request: Request) -> Reason:
    return Reason(None, "feed", "", f"no agreement covers the feed {request.feed}")


def _outside_its_days(terms: Terms, request: Request) -> str:
    if request.on < terms.starts_on:
        return f"starts on {terms.starts_on}"
    if terms.terminated_on and request.on >= terms.terminated_on:
        return f"was terminated on {terms.terminated_on}"
    return f"ended on {terms.ends_on}"


# Of each term, whether it is met, and how it isn't: words are made only for the few agreements that are quoted.
_CHECKS: dict[str, tuple[Callable[[Terms, Request], bool], Callable[[Terms, Request], str]]] = {
    "dates": (lambda terms, request: terms.in_force(request.on), _outside_its_days),
    "recipients": (
        lambda terms, request: request.recipient in terms.recipients,
        lambda _, request: f"does not name {request.recipient} as a recipient",
    ),
    "purposes": (
        lambda terms, request: request.purpose in terms.purposes,
        lambda _, request: f"does not allow {request.purpose.label}",
    ),
    "fields": (
        lambda terms, request: request.fields <= terms.fields,
        lambda terms, request: f"does not share {_listed(request.fields - terms.fields)}",
    ),
}


def _require_frozensets(record: object, *names: str) -> None:
    """A plain string would pass for a set of its letters, and `in` would then match parts of words."""
    for name in names:
        if not isinstance(getattr(record, name), frozenset):
            raise TypeError(
                f"{type(record).__name__}.{name} is {getattr(record, name)!r}, expected a frozenset."
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
