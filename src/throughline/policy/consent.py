"""Decides whether a record of treatment may be disclosed under 42 CFR Part 2, and says why not where it may not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from throughline.policy.notice import REDISCLOSURE, Notice


class Use(StrEnum):
    """What a record is disclosed for."""

    TREATMENT = "treatment"
    PAYMENT = "payment"
    OPERATIONS = "operations"
    SURVEILLANCE = "surveillance"
    RESPONSE = "response"
    EVALUATION = "evaluation"
    RESEARCH = "research"
    PATIENT_REQUEST = "patient_request"
    PROCEEDINGS = "proceedings"  # civil, criminal, administrative or legislative


class Information(StrEnum):
    """What is disclosed: kinds that a consent describes in a meaningful fashion."""

    OVERDOSES = "overdoses"
    ATTENDANCE = "attendance"
    DIAGNOSIS = "diagnosis"
    MEDICATION = "medication"
    TEST_RESULTS = "test_results"
    TREATMENT_PLAN = "treatment_plan"
    REFERRAL = "referral"
    COUNSELING_NOTES = "counseling_notes"


TPO = frozenset({Use.TREATMENT, Use.PAYMENT, Use.OPERATIONS})
TREATING_PROVIDERS = "treating providers"
"""A class of recipients: whoever treats the patient, as the discloser states with each request."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A patient's written consent, by the elements of 42 CFR 2.31(a).

    `patient` is an opaque key of the discloser, never a name. `recipients` holds organizations by name, and may hold
    `TREATING_PROVIDERS`. Through an `intermediary` it reaches those that are named, and of that class only who treats
    the patient. `expires_at` is the first instant at which it is void; `expires_with` the event or condition, which
    ends it by being recorded as a revocation. `signature_sha256` is the hash of the signed paper. Instants are aware.
    Raises ValueError where the consent is deficient on its face.
    """

    consent: str
    patient: str
    discloser: str
    recipients: frozenset[str]
    uses: frozenset[Use]
    scope: frozenset[Information]
    signed_at: datetime
    signature_sha256: str
    intermediary: str = ""
    expires_at: datetime | None = None
    expires_with: str = ""
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        if faults := [words for words, is_wrong in _DEFICIENCIES.items() if is_wrong(self)]:
            raise ValueError(f"The consent {'; '.join(faults)}.")

    @property
    def is_tpo(self) -> bool:
        """Whether it is a single consent for treatment, payment and health care operations."""
        return self.uses == TPO


_DEFICIENCIES: Mapping[str, Callable[[Consent], bool]] = MappingProxyType(
    {
        "names no patient": lambda consent: not consent.patient,
        "names no discloser": lambda consent: not consent.discloser,
        "names no recipient": lambda consent: not consent.recipients,
        "names no purpose": lambda consent: not consent.uses,
        "describes no information": lambda consent: not consent.scope,
        "is not signed": lambda consent: not consent.signature_sha256,
        "has no end, which only one for treatment, payment and operations may lack": lambda consent: (
            not consent.is_tpo and consent.expires_at is None and not consent.expires_with
        ),
        "ends before it was signed": lambda consent: (
            consent.expires_at is not None and consent.expires_at <= consent.signed_at
        ),
        "joins counseling notes with other information; they need one of their own": lambda consent: (
            Information.COUNSELING_NOTES in consent.scope and len(consent.scope) > 1
        ),
        "joins proceedings with other purposes; they need one of their own": lambda consent: (
            Use.PROCEEDINGS in consent.uses and len(consent.uses) > 1
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One wish to disclose information on a patient, at an instant. `through` is the intermediary, if there is one.

    `treats` says that the recipient treats the patient, as the discloser knows. `court_order` is the hash of an order
    under 42 CFR 2.61 to 2.67; `emergency` describes the medical emergency of 2.51 in words.
    """

    patient: str
    discloser: str
    recipient: str
    use: Use
    scope: frozenset[Information]
    at: datetime
    through: str = ""
    treats: bool = False
    court_order: str = ""
    emergency: str = ""

    def __post_init__(self) -> None:
        if not self.scope:
            raise ValueError("A disclosure names no information; expected one kind or more.")


class Ground(StrEnum):
    """What permits a disclosure."""

    CONSENT = "consent"
    COURT_ORDER = "court_order"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Permitted:
    """Why a disclosure may be made, and the notice that goes with it.

    `reference` is the consent's key, or the court order's hash. What an emergency permits is reviewed afterwards by
    another person.
    """

    disclosure: Disclosure
    ground: Ground
    reference: str
    notice: Notice = REDISCLOSURE

    @property
    def needs_review(self) -> bool:
        return self.ground is Ground.EMERGENCY

    @property
    def scope_explained(self) -> str:
        """A clear explanation of the scope, as 42 CFR 2.32(b) wants with each disclosure."""
        kinds = ", ".join(sorted(self.disclosure.scope)).replace("_", " ")
        return f"{kinds}; for {self.disclosure.use.replace('_', ' ')}; to {self.disclosure.recipient}"


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why a disclosure may not be made: what the closest consent lacks."""

    disclosure: Disclosure
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"Nothing is disclosed to {self.disclosure.recipient}: {'; '.join(self.reasons)}."


def decide_disclosure(disclosure: Disclosure, consents: Iterable[Consent]) -> Permitted | Withheld:
    """Permit what a court orders, what one consent allows whole, or what an emergency needs; withhold all else.

    42 CFR 2.31 (consent), 2.51 (medical emergencies), 2.61 to 2.67 (court orders), as amended by 89 FR 12472. Two
    consents never combine. Without a consent for them alone or an order, nothing goes into proceedings.
    """
    if disclosure.court_order and disclosure.use is Use.PROCEEDINGS:
        return Permitted(disclosure, Ground.COURT_ORDER, disclosure.court_order)
    own = [
        one for one in consents if (one.patient, one.discloser) == (disclosure.patient, disclosure.discloser)
    ]
    closest = min(own, key=lambda one: (len(_lacks(one, disclosure)), one.consent), default=None)
    lacks = _lacks(closest, disclosure) if closest else ("the patient has given no consent",)
    if closest and not lacks:
        return Permitted(disclosure, Ground.CONSENT, closest.consent)
    if disclosure.emergency and disclosure.use is Use.TREATMENT:
        return Permitted(disclosure, Ground.EMERGENCY, "")
    return Withheld(disclosure, lacks)


def _lacks(consent: Consent, disclosure: Disclosure) -> tuple[str, ...]:
    return tuple(words for words, is_met in _CHECKS.items() if not is_met(consent, disclosure))


def _reaches(consent: Consent, disclosure: Disclosure) -> bool:
    by_class = TREATING_PROVIDERS in consent.recipients and disclosure.treats
    return disclosure.recipient in consent.recipients or by_class


_CHECKS: Mapping[str, Callable[[Consent, Disclosure], bool]] = MappingProxyType(
    {
        "the consent was not signed yet": lambda consent, asked: consent.signed_at <= asked.at,
        "the consent was revoked": lambda consent, asked: (
            consent.revoked_at is None or asked.at < consent.revoked_at
        ),
        "the consent has expired": lambda consent, asked: (
            consent.expires_at is None or asked.at < consent.expires_at
        ),
        "the consent does not name the recipient": _reaches,
        "the consent does not name the intermediary": lambda consent, asked: (
            asked.through in ("", consent.intermediary)
        ),
        "the consent does not cover the purpose": lambda consent, asked: asked.use in consent.uses,
        "the consent does not cover the information": lambda consent, asked: asked.scope <= consent.scope,
    }
)
