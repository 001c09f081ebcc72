"""No grant outside an agreement: not by any set of terms, and not by any way of making objects."""

import copy
import dataclasses
import pickle
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.policy.sharing import (
    OWN,
    Grant,
    Purpose,
    Reason,
    Refusal,
    Refused,
    Request,
    Terms,
    decide,
    explain,
    explain_own_feed,
    own_feed,
)

START = date(2026, 1, 1)
days = st.integers(0, 6).map(lambda n: START + timedelta(days=n))
some_fields = st.frozensets(st.sampled_from(["place", "age", "name"]))
organizations = st.sampled_from(["coalition", "sheriff"])
feeds = st.sampled_from(["runs", "deaths"])
purposes = st.sampled_from([Purpose.RESPONSE, Purpose.RESEARCH, Purpose.LAW_ENFORCEMENT])
precisions = st.sampled_from([{}, {"place": "zip3"}])


@st.composite
def agreements(draw: st.DrawFn) -> Terms:
    starts_on = draw(days)
    return Terms(
        agreement=str(draw(st.integers(1, 9))),
        title="",
        feed=draw(feeds),
        provider="ems",
        recipients=draw(st.frozensets(organizations)),
        purposes=draw(st.frozensets(purposes)),
        fields=draw(some_fields),
        minimum_cell=draw(st.integers(1, 11)),
        forbidden_purposes=draw(st.frozensets(purposes, max_size=1)) if draw(st.booleans()) else frozenset(),
        onward_recipients=draw(st.frozensets(organizations)),
        precision=draw(st.dictionaries(st.just("place"), st.just("zip3"))),
        clauses=draw(st.sampled_from([{}, {"law_enforcement": "By warrant only."}])),
        starts_on=starts_on,
        ends_on=draw(st.none() | days.filter(lambda day: day >= starts_on)),
        terminated_on=draw(st.none() | days),
    )


requests = st.builds(
    Request,
    feeds,
    organizations,
    purposes,
    some_fields.filter(bool),
    days,
    precisions,
    st.sampled_from(["", "coalition", "sheriff"]),
)


def in_force(terms: Terms, on: date) -> bool:
    last = min(terms.ends_on or date.max, (terms.terminated_on or date.max) - timedelta(days=1))
    return terms.starts_on <= on <= last


def reaches(terms: Terms, request: Request) -> bool:
    if not request.through:
        return request.recipient in terms.recipients
    return request.through in terms.recipients and request.recipient in terms.onward_recipients


def allows(terms: Terms, request: Request) -> bool:
    """The rule once more, day by day, as a lawyer would put it."""
    return (
        terms.feed == request.feed
        and in_force(terms, request.on)
        and reaches(terms, request)
        and request.purpose in terms.purposes
        and (request.purpose != "law_enforcement" or "law_enforcement" in terms.clauses)
        and all(name in terms.fields for name in request.fields)
        and ("place" not in request.fields or terms.precision in ({}, request.precision))
    )


def forbids(terms: Terms, request: Request) -> bool:
    closed = request.purpose in terms.forbidden_purposes
    return terms.feed == request.feed and in_force(terms, request.on) and closed


@given(requests, st.lists(agreements(), max_size=6))
def test_a_grant_exists_exactly_where_one_agreement_in_force_allows_all_of_it(
    request: Request, terms: list[Terms]
) -> None:
    answer = decide(request, terms)
    allowing = [agreed for agreed in terms if allows(agreed, request)]
    forbidding = [agreed for agreed in terms if forbids(agreed, request)]

    assert isinstance(answer, Grant) == (bool(allowing) and not forbidding)
    if isinstance(answer, Grant):
        assert any(agreed.agreement == answer.agreement for agreed in allowing)
        assert answer.minimum_cell == max(agreed.minimum_cell for agreed in allowing)
        for name in ("feed", "recipient", "purpose", "fields", "on"):
            assert getattr(answer, name) == getattr(request, name)
    else:
        assert answer.reasons
        if forbidding:
            assert {reason.agreement for reason in answer.reasons} == {one.agreement for one in forbidding}
            assert {reason.term for reason in answer.reasons} == {"forbidden_purposes"}


@given(requests, st.lists(agreements(), max_size=4), agreements())
def test_what_is_forbidden_is_opened_by_no_further_agreement(
    request: Request, terms: list[Terms], further: Terms
) -> None:
    closed = any(forbids(agreed, request) for agreed in terms)

    if closed:
        assert isinstance(decide(request, [*terms, further]), Refusal)
        assert explain(request, [*terms, further]).allowances == ()
    if isinstance(decide(request, terms), Grant) and isinstance(decide(request, [*terms, further]), Refusal):
        assert forbids(further, request)


@given(requests, st.lists(agreements(), max_size=4), agreements())
def test_a_grant_tells_no_more_finely_than_its_agreement(
    request: Request, terms: list[Terms], further: Terms
) -> None:
    answer = decide(request, [*terms, further])

    if isinstance(answer, Grant):
        named = [one for one in [*terms, further] if one.agreement == answer.agreement]
        assert any(answer.precision == one.precision and answer.rows == one.rows for one in named)


@given(requests, st.lists(agreements(), max_size=4), st.randoms())
def test_the_order_of_agreements_does_not_matter(request: Request, terms: list[Terms], random) -> None:
    shuffled = random.sample(terms, len(terms))
    first, second = decide(request, terms), decide(request, shuffled)

    assert type(first) is type(second)
    if isinstance(first, Grant):
        assert first == second


def terms(**changes: object) -> Terms:
    values = {
        "agreement": "7",
        "title": "",
        "feed": "runs",
        "provider": "ems",
        "recipients": frozenset({"coalition"}),
        "purposes": frozenset({Purpose.RESPONSE}),
        "fields": frozenset({"place"}),
        "minimum_cell": 10,
        "starts_on": START,
    }
    return Terms(**(values | changes))


@pytest.fixture
def grant() -> Grant:
    answer = decide(Request("runs", "coalition", Purpose.RESPONSE, frozenset({"place"}), START), [terms()])
    assert isinstance(answer, Grant)
    return answer


def test_a_grant_is_not_made_by_hand() -> None:
    with pytest.raises(TypeError, match="comes only from"):
        Grant("7", "runs", "coalition", Purpose.RESPONSE, frozenset({"name"}), 1, START)


def test_a_seal_is_that_object_and_none_that_says_it_is_equal() -> None:
    class Forged:
        __hash__ = None

        def __eq__(self, other: object) -> bool:
            return True

    with pytest.raises(TypeError, match="comes only from"):
        Grant("7", "runs", "coalition", Purpose.RESPONSE, frozenset({"name"}), 1, START, _seal=Forged())


def test_a_grant_is_not_widened_by_replacing_its_fields(grant: Grant) -> None:
    with pytest.raises(TypeError):
        dataclasses.replace(grant, fields=frozenset({"name"}))


def test_a_grant_is_not_changed_in_place(grant: Grant) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        grant.fields = frozenset({"name"})
    with pytest.raises(TypeError):
        grant.precision["place"] = "zip3"
    with pytest.raises(TypeError):
        grant.rows["place"] = frozenset()
    with pytest.raises(TypeError):
        grant.__setstate__([])
    assert not hasattr(grant, "__dict__")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_grant_is_not_stored(grant: Grant, protocol: int) -> None:
    with pytest.raises(TypeError, match="ask again"):
        pickle.dumps(grant, protocol)


def test_a_copy_of_a_grant_is_the_grant(grant: Grant) -> None:
    assert copy.copy(grant) is grant
    assert copy.deepcopy(grant) is grant


def test_terms_grants_and_allowances_can_be_put_in_sets() -> None:
    agreed = terms(precision={"age": "band"}, rows={"place": frozenset({"39035"})}, clauses={"dates": "Now."})
    asked = Request("runs", "coalition", Purpose.RESPONSE, frozenset({"place"}), START, {"place": "zip3"})

    assert len({agreed, dataclasses.replace(agreed, clauses={})}) == 2
    assert len({asked, decide(asked, [agreed]), *explain(asked, [agreed]).allowances}) == 3


def test_a_grant_has_no_subclasses() -> None:
    with pytest.raises(TypeError, match="subclassed"):
        type("Wider", (Grant,), {})


def test_a_string_is_no_set_of_names() -> None:
    with pytest.raises(TypeError, match="expected a frozenset"):
        terms(recipients="coalition")
    with pytest.raises(TypeError, match="expected a frozenset"):
        terms(forbidden_purposes="research")
    with pytest.raises(TypeError, match="expected a frozenset"):
        terms(onward_recipients="sheriff")
    with pytest.raises(TypeError, match="rows of place is '39035', expected a frozenset"):
        terms(rows={"place": "39035"})
    with pytest.raises(TypeError, match="expected a frozenset"):
        Request("runs", "coalition", Purpose.RESPONSE, "place", START)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"minimum_cell": 0}, "minimum cell 0, expected 1 or more"),
        ({"ends_on": date(2025, 12, 31)}, "ends on 2025-12-31, before it starts on 2026-01-01"),
        ({"clauses": {"purpose": "Only to help."}}, "unknown terms: purpose"),
        ({"precision": {"place": "day"}}, "place can't be told to the day; expected: zip3"),
        ({"precision": {"name": "day"}}, "name can't be told to the day; expected: its exact value"),
    ],
)
def test_terms_that_make_no_sense_are_not_accepted(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        terms(**changes)


def test_a_request_states_a_known_purpose() -> None:
    with pytest.raises(TypeError, match="purpose is 'response', expected a Purpose"):
        Request("runs", "coalition", "response", frozenset({"place"}), START)


def test_a_request_names_its_fields() -> None:
    with pytest.raises(ValueError, match="names no field"):
        Request("runs", "coalition", Purpose.RESPONSE, frozenset(), START)


def test_a_refusal_can_be_raised() -> None:
    request = Request("runs", "coalition", Purpose.RESPONSE, frozenset({"place"}), START)
    refusal = Refusal(request, (Reason(None, "feed", "", "no agreement covers the feed runs"),))

    assert Refused(refusal).refusal is refusal
    assert str(Refused(refusal)) == str(refusal)


def test_every_purpose_has_a_label_for_people() -> None:
    assert all(purpose.label for purpose in Purpose)
    assert Purpose("response") is Purpose.RESPONSE == "response"


@given(requests, st.lists(agreements(), max_size=6), some_fields.filter(bool))
def test_an_explanation_promises_exactly_what_is_granted(
    request: Request, terms: list[Terms], wanted: frozenset[str]
) -> None:
    """Any fields asked for together are granted exactly where one allowance holds them all."""
    access = explain(dataclasses.replace(request, fields=frozenset({"place", "age", "name"})), terms)
    granted = isinstance(decide(dataclasses.replace(request, fields=wanted), terms), Grant)

    assert granted == any(wanted <= allowance.fields for allowance in access.allowances)
    assert (access.refusal is None) == (access.fields == {"place", "age", "name"})
    if access.refusal:
        assert access.refusal.request.fields == {"place", "age", "name"} - access.fields
        assert access.refusal.reasons


def test_an_explanation_quotes_what_allows_and_what_forbids() -> None:
    agreed = terms(title="Runs", clauses={"purposes": "Only to help.", "fields": "The place, no more."})
    asked = Request("runs", "coalition", Purpose.RESPONSE, frozenset({"place", "name"}), START)
    access = explain(asked, [agreed])

    assert [(one.agreement, one.title, one.fields, one.minimum_cell) for one in access.allowances] == [
        ("7", "Runs", {"place"}, 10)
    ]
    assert access.allowances[0].clauses["purposes"] == "Only to help."
    assert access.refusal
    assert access.refusal.request.fields == {"name"}
    assert list(map(str, access.refusal.reasons)) == [
        "agreement 7 does not share name (“The place, no more”)"
    ]


def test_an_explanation_is_about_its_feed_only() -> None:
    others = [terms(agreement="1", feed="deaths"), terms(agreement="2", feed="visits")]
    asked = Request("runs", "coalition", Purpose.RESPONSE, frozenset({"place"}), START)

    assert explain(asked, others).allowances == ()
    assert [one.agreement for one in explain(asked, [*others, terms()]).allowances] == ["7"]


def test_names_are_compared_by_their_letters() -> None:
    """Names from two databases are equal and not the same object."""
    asked = Request(
        "".join(["ru", "ns"]), "".join(["coal", "ition"]), Purpose.RESPONSE, frozenset({"place"}), START
    )

    assert isinstance(decide(asked, [terms()]), Grant)
    assert len(explain(asked, [terms()]).allowances) == 1
    own = dataclasses.replace(asked, purpose=Purpose.QUALITY)
    assert own_feed(own, provider="coalition").agreement == OWN
    assert decide(replace_feed(asked, "zebra"), [terms()]) == Refusal(
        replace_feed(asked, "zebra"), (Reason(None, "feed", "", "no agreement covers the feed zebra"),)
    )


def replace_feed(request: Request, feed: str) -> Request:
    return dataclasses.replace(request, feed=feed)


def test_who_sends_a_feed_is_told_that_it_is_its_own() -> None:
    asked = Request("runs", "ems", Purpose.QUALITY, frozenset({"name"}), START)
    access = explain_own_feed(asked, provider="ems")

    assert [(one.agreement, one.fields, one.minimum_cell) for one in access.allowances] == [
        (OWN, {"name"}, 1)
    ]
    assert access.refusal is None
    with pytest.raises(ValueError, match="coalition asks to read ems's feed"):
        explain_own_feed(dataclasses.replace(asked, recipient="coalition"), provider="ems")
