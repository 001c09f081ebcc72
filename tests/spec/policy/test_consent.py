"""42 CFR Part 2: worked examples of consents, disclosures, and what is withheld."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from throughline.policy.consent import (
    TPO,
    TREATING_PROVIDERS,
    Consent,
    Disclosure,
    Ground,
    Information,
    Permitted,
    Use,
    Withheld,
    decide_disclosure,
)

SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = SIGNED + timedelta(days=10)
CONSENT = Consent(
    consent="12",
    patient="P-1041",
    discloser="Harbor Treatment",
    recipients=frozenset({"Health department"}),
    uses=frozenset({Use.RESPONSE, Use.TREATMENT}),
    scope=frozenset({Information.OVERDOSES, Information.ATTENDANCE}),
    signed_at=SIGNED,
    signature_sha256="9f" * 32,
    expires_at=SIGNED + timedelta(days=365),
)
ASKED = Disclosure(
    patient="P-1041",
    discloser="Harbor Treatment",
    recipient="Health department",
    use=Use.RESPONSE,
    scope=frozenset({Information.OVERDOSES}),
    at=NOW,
)


def reasons(asked: Disclosure, *consents: Consent) -> tuple[str, ...]:
    answer = decide_disclosure(asked, consents)
    assert isinstance(answer, Withheld)
    return answer.reasons


def test_what_the_consent_names_is_disclosed_with_the_notice_and_its_scope() -> None:
    answer = decide_disclosure(ASKED, [CONSENT])

    assert isinstance(answer, Permitted)
    assert (answer.ground, answer.reference, answer.needs_review) == (Ground.CONSENT, "12", False)
    assert answer.notice.version == "42 CFR 2.32(a)(1), 2024-04-16"
    assert "prohibit you from using or disclosing this record" in answer.notice.text
    assert answer.scope_explained == "overdoses; for response; to Health department"


def test_without_a_consent_nothing_is_disclosed() -> None:
    assert str(decide_disclosure(ASKED, [])) == (
        "Nothing is disclosed to Health department: the patient has given no consent."
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"recipient": "Sheriff"}, "the consent does not name the recipient"),
        ({"through": "Exchange"}, "the consent does not name the intermediary"),
        ({"use": Use.RESEARCH}, "the consent does not cover the purpose"),
        ({"scope": frozenset({Information.DIAGNOSIS})}, "the consent does not cover the information"),
        ({"at": SIGNED - timedelta(seconds=1)}, "the consent was not signed yet"),
        ({"at": SIGNED + timedelta(days=365)}, "the consent has expired"),
        ({"at": SIGNED + timedelta(days=366)}, "the consent has expired"),
        ({"patient": "P-1042"}, "the patient has given no consent"),
        ({"patient": "P-1040"}, "the patient has given no consent"),
        ({"discloser": "Zion Treatment"}, "the patient has given no consent"),
        ({"discloser": "A Treatment"}, "the patient has given no consent"),
        ({"discloser": "Other Treatment"}, "the patient has given no consent"),
    ],
)
def test_each_thing_that_the_consent_lacks_withholds(change: dict, reason: str) -> None:
    assert reasons(replace(ASKED, **change), CONSENT) == (reason,)


def test_all_that_the_closest_consent_lacks_is_named() -> None:
    far = replace(CONSENT, consent="11", recipients=frozenset({"Clinic"}), uses=frozenset({Use.PAYMENT}))
    asked = replace(ASKED, scope=frozenset({Information.DIAGNOSIS}))

    assert reasons(asked, far, CONSENT) == ("the consent does not cover the information",)


def test_two_consents_never_combine() -> None:
    purpose = replace(CONSENT, consent="13", recipients=frozenset({"Clinic"}))
    recipient = replace(CONSENT, consent="14", uses=frozenset({Use.PAYMENT}))

    assert reasons(ASKED, purpose, recipient) == ("the consent does not name the recipient",)


def test_a_revocation_works_from_its_instant_on() -> None:
    revoked = replace(CONSENT, revoked_at=NOW)

    assert reasons(ASKED, revoked) == ("the consent was revoked",)
    assert reasons(replace(ASKED, at=NOW + timedelta(0)), revoked) == ("the consent was revoked",)
    assert reasons(replace(ASKED, at=NOW + timedelta(hours=1)), revoked) == ("the consent was revoked",)
    assert isinstance(
        decide_disclosure(replace(ASKED, at=NOW - timedelta(microseconds=1)), [revoked]), Permitted
    )


def test_first_instants_count() -> None:
    assert isinstance(decide_disclosure(replace(ASKED, at=SIGNED), [CONSENT]), Permitted)
    last = SIGNED + timedelta(days=365) - timedelta(microseconds=1)
    assert isinstance(decide_disclosure(replace(ASKED, at=last), [CONSENT]), Permitted)


def test_a_class_of_recipients_reaches_those_that_treat_the_patient() -> None:
    of_a_class = replace(CONSENT, recipients=frozenset({TREATING_PROVIDERS}), uses=TPO, expires_at=None)
    asked = replace(ASKED, recipient="Clinic", use=Use.TREATMENT)

    assert reasons(asked, of_a_class) == ("the consent does not name the recipient",)
    assert isinstance(decide_disclosure(replace(asked, treats=True), [of_a_class]), Permitted)
    assert reasons(replace(asked, treats=True), replace(CONSENT, uses=TPO)) == (
        "the consent does not name the recipient",
    )


def test_through_an_intermediary_that_the_consent_names() -> None:
    through = replace(CONSENT, intermediary="Exchange")

    assert isinstance(decide_disclosure(replace(ASKED, through="Exchange"), [through]), Permitted)
    assert isinstance(decide_disclosure(ASKED, [through]), Permitted)
    assert reasons(replace(ASKED, through="Other"), through) == (
        "the consent does not name the intermediary",
    )


def test_proceedings_need_a_consent_of_their_own_or_a_court_order() -> None:
    asked = replace(ASKED, use=Use.PROCEEDINGS)
    own = replace(CONSENT, consent="15", uses=frozenset({Use.PROCEEDINGS}))
    assert reasons(asked, CONSENT) == ("the consent does not cover the purpose",)
    assert isinstance(decide_disclosure(asked, [CONSENT, own]), Permitted)

    ordered = decide_disclosure(replace(asked, court_order="ab" * 32), [])
    assert isinstance(ordered, Permitted)
    assert (ordered.ground, ordered.reference) == (Ground.COURT_ORDER, "ab" * 32)


@pytest.mark.parametrize("use", [use for use in Use if use is not Use.PROCEEDINGS])
def test_a_court_order_opens_nothing_but_proceedings(use: Use) -> None:
    assert reasons(replace(ASKED, use=use, court_order="ab" * 32)) == ("the patient has given no consent",)


@pytest.mark.parametrize("use", [use for use in Use if use is not Use.TREATMENT])
def test_an_emergency_opens_nothing_but_treatment(use: Use) -> None:
    assert reasons(replace(ASKED, use=use, emergency="No breath")) == ("the patient has given no consent",)


def test_counseling_notes_need_a_consent_of_their_own() -> None:
    notes = frozenset({Information.COUNSELING_NOTES})
    asked = replace(ASKED, scope=notes)

    assert reasons(asked, CONSENT) == ("the consent does not cover the information",)
    assert isinstance(decide_disclosure(asked, [replace(CONSENT, scope=notes)]), Permitted)
    with pytest.raises(ValueError, match="joins counseling notes with other information"):
        replace(CONSENT, scope=CONSENT.scope | notes)
    with pytest.raises(ValueError, match="joins counseling notes with other information"):
        replace(CONSENT, scope=notes | {Information.OVERDOSES})


def test_an_emergency_opens_treatment_and_is_reviewed() -> None:
    asked = replace(ASKED, use=Use.TREATMENT, recipient="Ambulance", emergency="Found without breath")
    answer = decide_disclosure(asked, [])

    assert isinstance(answer, Permitted)
    assert (answer.ground, answer.reference, answer.needs_review) == (Ground.EMERGENCY, "", True)
    assert reasons(replace(asked, use=Use.RESPONSE)) == ("the patient has given no consent",)
    assert reasons(replace(asked, use=Use.PROCEEDINGS)) == ("the patient has given no consent",)


def test_an_emergency_that_a_consent_covers_needs_no_review() -> None:
    answer = decide_disclosure(replace(ASKED, use=Use.TREATMENT, emergency="No breath"), [CONSENT])

    assert isinstance(answer, Permitted)
    assert answer.ground is Ground.CONSENT


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"patient": ""}, "names no patient"),
        ({"discloser": ""}, "names no discloser"),
        ({"recipients": frozenset()}, "names no recipient"),
        ({"uses": frozenset()}, "names no purpose"),
        ({"scope": frozenset()}, "describes no information"),
        ({"signature_sha256": ""}, "is not signed"),
        ({"expires_at": None}, "has no end"),
        ({"expires_at": None, "uses": TPO - {Use.PAYMENT}}, "has no end"),
        ({"expires_at": None, "uses": TPO | {Use.RESPONSE}}, "has no end"),
        ({"expires_at": SIGNED}, "ends before it was signed"),
        ({"expires_at": SIGNED - timedelta(days=1)}, "ends before it was signed"),
        ({"uses": frozenset({Use.PROCEEDINGS, Use.RESPONSE})}, "joins proceedings with other purposes"),
    ],
)
def test_a_consent_that_is_deficient_on_its_face_is_none(change: dict, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        replace(CONSENT, **change)


def test_all_deficiencies_are_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"^The consent names no patient; is not signed\.$"):
        replace(CONSENT, patient="", signature_sha256="")


def test_a_consent_may_end_with_an_event_and_one_for_tpo_never() -> None:
    assert replace(CONSENT, expires_at=None, expires_with="End of treatment").expires_at is None
    assert replace(CONSENT, expires_at=None, uses=TPO).is_tpo
    assert replace(CONSENT, expires_at=None, uses=frozenset(list(TPO))).is_tpo
    assert not CONSENT.is_tpo


def test_a_disclosure_says_what_of() -> None:
    with pytest.raises(ValueError, match="names no information"):
        replace(ASKED, scope=frozenset())
