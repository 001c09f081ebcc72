"""Nothing is disclosed outside a consent that stands at that instant: over all sets of consents."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from throughline.policy.consent import (
    TREATING_PROVIDERS,
    Consent,
    Disclosure,
    Ground,
    Information,
    Permitted,
    Use,
    decide_disclosure,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
instants = st.integers(0, 5).map(lambda hours: START + timedelta(hours=hours))
names = st.sampled_from(["clinic", "sheriff"])
scopes = st.frozensets(st.sampled_from([Information.DIAGNOSIS, Information.OVERDOSES]), min_size=1) | st.just(
    frozenset({Information.COUNSELING_NOTES})
)
uses = st.frozensets(st.sampled_from([Use.TREATMENT, Use.RESPONSE]), min_size=1) | st.just(
    frozenset({Use.PROCEEDINGS})
)


@st.composite
def consents(draw: st.DrawFn) -> Consent:
    signed_at = draw(instants)
    return Consent(
        consent=str(draw(st.integers(1, 9))),
        patient=draw(st.sampled_from(["P1", "P2"])),
        discloser="program",
        recipients=draw(st.frozensets(names | st.just(TREATING_PROVIDERS), min_size=1)),
        uses=draw(uses),
        scope=draw(scopes),
        signed_at=signed_at,
        signature_sha256="00",
        intermediary=draw(st.sampled_from(["", "exchange"])),
        expires_at=draw(st.none() | instants.filter(lambda at: at > signed_at))
        if signed_at < START + timedelta(hours=5)
        else None,
        expires_with="the end of treatment",
        revoked_at=draw(st.none() | instants),
    )


disclosures = st.builds(
    Disclosure,
    patient=st.sampled_from(["P1", "P2"]),
    discloser=st.sampled_from(["program", "other"]),
    recipient=names,
    use=st.sampled_from([Use.TREATMENT, Use.RESPONSE, Use.PROCEEDINGS]),
    scope=scopes,
    at=instants,
    through=st.sampled_from(["", "exchange"]),
    treats=st.booleans(),
    court_order=st.sampled_from(["", "order"]),
    emergency=st.sampled_from(["", "no breath"]),
)


def allows(consent: Consent, asked: Disclosure) -> bool:
    """The rule once more, as a lawyer would put it."""
    last = min(
        consent.expires_at or datetime.max.replace(tzinfo=UTC),
        consent.revoked_at or datetime.max.replace(tzinfo=UTC),
    )
    named = asked.recipient in consent.recipients
    return (
        (consent.patient, consent.discloser) == (asked.patient, asked.discloser)
        and consent.signed_at <= asked.at < last
        and (named or (asked.treats and TREATING_PROVIDERS in consent.recipients))
        and (not asked.through or asked.through == consent.intermediary)
        and asked.use in consent.uses
        and asked.scope.issubset(consent.scope)
    )


@given(disclosures, st.lists(consents(), max_size=5))
def test_a_disclosure_is_permitted_exactly_by_one_consent_an_order_or_an_emergency(
    asked: Disclosure, given_: list[Consent]
) -> None:
    answer = decide_disclosure(asked, given_)
    allowing = {one.consent for one in given_ if allows(one, asked)}
    ordered = bool(asked.court_order) and asked.use is Use.PROCEEDINGS
    emergency = bool(asked.emergency) and asked.use is Use.TREATMENT

    assert isinstance(answer, Permitted) == bool(allowing or ordered or emergency)
    if isinstance(answer, Permitted):
        assert answer.ground is not Ground.CONSENT or answer.reference in allowing
        assert answer.needs_review == (emergency and not allowing)
        assert answer.notice.text
    else:
        assert answer.reasons


@given(disclosures, st.lists(consents(), max_size=5), st.randoms())
def test_the_order_of_consents_does_not_matter(asked: Disclosure, given_: list[Consent], random) -> None:
    shuffled = random.sample(given_, len(given_))

    assert type(decide_disclosure(asked, given_)) is type(decide_disclosure(asked, shuffled))
