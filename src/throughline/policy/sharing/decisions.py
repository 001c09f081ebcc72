"""Makes grants and refusals: default deny, what any agreement forbids stays closed, two agreements never combine."""

from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Never, Self, final

from throughline.policy.sharing.checks import explanation, unmet_terms
from throughline.policy.sharing.terms import Purpose, Request, Terms

_SEAL = object()
OWN = "own"  # stands for the agreement where an organization reads what it sends itself
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@final
@dataclass(frozen=True, slots=True)
class Grant:
    """Proof that one agreement in force allows exactly this read. Only `decide` makes one, and `own_feed`.

    Who reads applies `precision` and `rows`: see `Terms`. The seal stops mistakes, not hostile code in the same
    process: a grant can't be constructed, subclassed, replaced or unpickled elsewhere, and its copy is itself.
    """

    agreement: str
    feed: str
    recipient: str
    purpose: Purpose
    fields: frozenset[str]
    minimum_cell: int
    on: date
    precision: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)
    rows: Mapping[str, frozenset[str]] = field(default_factory=lambda: _NOTHING, hash=False)
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
    """Grant the request if one agreement allows all of it and none in force forbids it; otherwise quote why not.

    What forbids is quoted alone, else the closest agreements are. Two agreements never combine: each was signed for
    its own use. Where several allow the read, see `preference`. The grant holds only the fields that were asked for.
    """
    covering = [agreed for agreed in terms if agreed.feed == request.feed]
    forbidding = [(agreed, ["forbidden_purposes"]) for agreed in covering if agreed.forbids(request)]
    if forbidding:
        return Refusal(request, _reasons(forbidding, request))
    unmet = [(agreed, unmet_terms(agreed, request)) for agreed in covering]
    allowing = [agreed for agreed, names in unmet if not names]
    if allowing:
        return _grant(request, min(allowing, key=preference))
    return Refusal(request, _reasons(_closest(unmet), request) or (_not_covered(request),))


def preference(terms: Terms) -> tuple[int, int, int, str]:
    """Which agreement to name where several allow a read: the least is named.

    The fewest conditions on rows leave an answer whole, and a part of it would pass for the whole; the highest minimum
    cell protects people best; the fewest fields were written for a use most like this one; then the first by id.
    """
    return len(terms.rows), -terms.minimum_cell, len(terms.fields), terms.agreement


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
        precision=MappingProxyType(dict(terms.precision)),
        rows=MappingProxyType(dict(terms.rows)),
        _seal=_SEAL,
    )


def _closest(unmet: list[tuple[Terms, list[str]]]) -> list[tuple[Terms, list[str]]]:
    """The agreements with the fewest unmet terms."""
    fewest = min((len(names) for _, names in unmet), default=0)
    return [(agreed, names) for agreed, names in unmet if len(names) == fewest]


def _reasons(unmet: list[tuple[Terms, list[str]]], request: Request) -> tuple[Reason, ...]:
    """In order of agreement."""
    return tuple(
        Reason(agreed.agreement, name, agreed.clauses.get(name, ""), explanation(agreed, name, request))
        for agreed, names in sorted(unmet, key=lambda pair: pair[0].agreement)
        for name in names
    )


def _not_covered(request: Request) -> Reason:
    return Reason(None, "feed", "", f"no agreement covers the feed {request.feed}")
