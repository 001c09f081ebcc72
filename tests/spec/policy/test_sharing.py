"""Who may read what: worked examples of requests, grants and refusals."""

from dataclasses import replace
from datetime import date

import pytest

from throughline.policy.sharing import (
    COARSEST,
    Grant,
    Purpose,
    Refusal,
    Request,
    Terms,
    decide,
    explain,
    own_feed,
)

AGREEMENT = Terms(
    agreement="7",
    title="Ambulance runs for the coalition",
    feed="ambulance-runs",
    provider="city-ems",
    recipients=frozenset({"coalition"}),
    purposes=frozenset({Purpose.SURVEILLANCE, Purpose.RESPONSE}),
    fields=frozenset({"occurred_at", "place"}),
    minimum_cell=10,
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
    clauses={
        "purposes": "Data are used only to find and answer overdoses.",
        "fields": "City EMS shares the time and the place of each run, and nothing else.",
        "recipients": "Data go to the coalition and to nobody else.",
        "dates": "This agreement runs through 2026.",
    },
)
REQUEST = Request(
    feed="ambulance-runs",
    recipient="coalition",
    purpose=Purpose.RESPONSE,
    fields=frozenset({"place"}),
    on=date(2026, 3, 1),
)


def test_an_agreement_in_force_allows_what_it_names() -> None:
    grant = decide(REQUEST, [AGREEMENT])

    assert isinstance(grant, Grant)
    assert (grant.agreement, grant.recipient, grant.purpose) == ("7", "coalition", Purpose.RESPONSE)
    assert grant.minimum_cell == 10


def test_a_grant_holds_only_the_fields_that_were_asked_for() -> None:
    grant = decide(REQUEST, [AGREEMENT])

    assert isinstance(grant, Grant)
    assert grant.fields == {"place"}


def test_without_any_agreement_nothing_is_read() -> None:
    refusal = decide(REQUEST, [])

    assert str(refusal) == (
        "coalition may not read the feed ambulance-runs for answering a signal on 2026-03-01: "
        "no agreement covers the feed ambulance-runs."
    )


def test_an_agreement_about_another_feed_does_not_help() -> None:
    refusal = decide(REQUEST, [replace(AGREEMENT, feed="jail-releases")])

    assert isinstance(refusal, Refusal)
    assert [reason.term for reason in refusal.reasons] == ["feed"]


def test_a_refusal_quotes_the_sentence_that_forbids() -> None:
    refusal = decide(replace(REQUEST, purpose=Purpose.LAW_ENFORCEMENT), [AGREEMENT])

    assert str(refusal) == (
        "coalition may not read the feed ambulance-runs for law enforcement on 2026-03-01: "
        "agreement 7 does not allow law enforcement (“Data are used only to find and answer overdoses”)."
    )


@pytest.mark.parametrize(
    ("change", "term", "explanation"),
    [
        ({"purpose": Purpose.RESEARCH}, "purposes", "agreement 7 does not allow research"),
        ({"fields": frozenset({"place", "name"})}, "fields", "agreement 7 does not share name"),
        ({"recipient": "sheriff"}, "recipients", "agreement 7 does not name sheriff as a recipient"),
        ({"on": date(2025, 12, 31)}, "dates", "agreement 7 starts on 2026-01-01"),
        ({"on": date(2027, 1, 1)}, "dates", "agreement 7 ended on 2026-12-31"),
    ],
)
def test_each_unmet_term_is_named_with_its_clause(change: dict, term: str, explanation: str) -> None:
    refusal = decide(replace(REQUEST, **change), [AGREEMENT])

    assert isinstance(refusal, Refusal)
    (reason,) = refusal.reasons
    assert (reason.agreement, reason.term, reason.explanation) == ("7", term, explanation)
    assert reason.clause == AGREEMENT.clauses[term]


def test_all_unmet_terms_are_named_at_once() -> None:
    refusal = decide(
        replace(REQUEST, recipient="sheriff", purpose=Purpose.LAW_ENFORCEMENT, on=date(2030, 1, 1)),
        [AGREEMENT],
    )

    assert isinstance(refusal, Refusal)
    assert [reason.term for reason in refusal.reasons] == ["dates", "recipients", "purposes"]


@pytest.mark.parametrize(
    ("on", "in_force"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_first_and_last_day_are_in_force(on: date, in_force: bool) -> None:
    assert AGREEMENT.in_force(on) is in_force
    assert isinstance(decide(replace(REQUEST, on=on), [AGREEMENT]), Grant) is in_force


def test_an_open_ended_agreement_stays_in_force() -> None:
    assert replace(AGREEMENT, ends_on=None).in_force(date(2099, 1, 1))


def test_termination_takes_effect_on_its_day() -> None:
    terminated = replace(AGREEMENT, terminated_on=date(2026, 3, 1))

    assert isinstance(decide(replace(REQUEST, on=date(2026, 2, 28)), [terminated]), Grant)
    refusal = decide(REQUEST, [terminated])
    assert isinstance(refusal, Refusal)
    assert refusal.reasons[0].explanation == "agreement 7 was terminated on 2026-03-01"


def test_two_agreements_never_combine() -> None:
    """One allows the purpose but not the field, the other the field but not the purpose."""
    no_place = replace(AGREEMENT, agreement="8", fields=frozenset({"occurred_at"}))
    no_response = replace(AGREEMENT, agreement="9", purposes=frozenset({Purpose.EVALUATION}))

    refusal = decide(REQUEST, [no_response, no_place])

    assert isinstance(refusal, Refusal)
    assert [(reason.agreement, reason.term) for reason in refusal.reasons] == [
        ("8", "fields"),
        ("9", "purposes"),
    ]


def test_only_the_closest_agreement_is_quoted() -> None:
    far = replace(AGREEMENT, agreement="1", recipients=frozenset({"sheriff"}), fields=frozenset({"name"}))

    refusal = decide(replace(REQUEST, purpose=Purpose.RESEARCH), [far, AGREEMENT])

    assert isinstance(refusal, Refusal)
    assert [reason.agreement for reason in refusal.reasons] == ["7"]


def test_of_several_agreements_the_one_that_protects_best_is_named() -> None:
    stricter = replace(AGREEMENT, agreement="8", minimum_cell=11)
    narrower = replace(AGREEMENT, agreement="9", minimum_cell=11, fields=frozenset({"place"}))
    same = replace(narrower, agreement="90")

    def chosen(*terms: Terms) -> str:
        grant = decide(REQUEST, terms)
        assert isinstance(grant, Grant)
        return grant.agreement

    assert chosen(AGREEMENT, stricter) == chosen(stricter, AGREEMENT) == "8"
    assert chosen(AGREEMENT, stricter, narrower) == "9"
    assert chosen(same, narrower) == chosen(narrower, same) == "9"


def test_an_organization_checks_the_quality_of_what_it_sends_without_an_agreement() -> None:
    request = replace(REQUEST, recipient="city-ems", purpose=Purpose.QUALITY)
    grant = own_feed(request, provider="city-ems")
    assert (grant.agreement, grant.minimum_cell, grant.fields) == ("own", 1, request.fields)


@pytest.mark.parametrize(
    "changed",
    [{"purpose": purpose} for purpose in Purpose if purpose is not Purpose.QUALITY]
    + [{"recipient": recipient} for recipient in ("coalition", "a", "zoo")],
)
def test_for_anything_else_and_for_anybody_else_an_agreement_is_needed(changed: dict) -> None:
    request = replace(REQUEST, **{"recipient": "city-ems", "purpose": Purpose.QUALITY} | changed)
    with pytest.raises(ValueError, match="asks to read city-ems's feed"):
        own_feed(request, provider="city-ems")


def test_what_one_agreement_forbids_no_other_allows() -> None:
    """The ambulance service signs: no research on this feed, by anybody."""
    researching = replace(AGREEMENT, agreement="8", purposes=frozenset({Purpose.RESEARCH}))
    forbidding = replace(
        AGREEMENT,
        forbidden_purposes=frozenset({Purpose.RESEARCH}),
        clauses=dict(AGREEMENT.clauses, forbidden_purposes="No research is done with these data."),
    )
    request = replace(REQUEST, purpose=Purpose.RESEARCH)

    assert isinstance(decide(request, [researching]), Grant)
    refusal = decide(request, [researching, forbidding])
    assert isinstance(refusal, Refusal)
    assert [str(reason) for reason in refusal.reasons] == [
        "agreement 7 forbids research, whatever others allow (“No research is done with these data”)"
    ]
    ended = replace(forbidding, terminated_on=REQUEST.on)
    assert isinstance(decide(request, [researching, ended]), Grant)


def test_law_enforcement_needs_a_sentence_of_its_own() -> None:
    request = replace(REQUEST, purpose=Purpose.LAW_ENFORCEMENT)
    silent = replace(AGREEMENT, purposes=frozenset({Purpose.LAW_ENFORCEMENT}))
    named = replace(silent, clauses={"law_enforcement": "Only counts by district, never a record."})

    refusal = decide(request, [silent])
    assert isinstance(refusal, Refusal)
    assert refusal.reasons[0].explanation == "agreement 7 has no clause that opens it to law enforcement"
    assert isinstance(decide(request, [named]), Grant)


@pytest.mark.parametrize("purpose", [one for one in Purpose if one is not Purpose.LAW_ENFORCEMENT])
def test_what_is_not_for_law_enforcement_needs_no_such_sentence(purpose: Purpose) -> None:
    for_all = replace(AGREEMENT, purposes=frozenset(Purpose), clauses={})
    assert isinstance(decide(replace(REQUEST, purpose=purpose), [for_all]), Grant)


def test_a_field_told_roughly_is_granted_to_who_can_use_it_so() -> None:
    """Who counts by tract gets no ZIP3 areas instead: the tracts would look empty."""
    rough = replace(AGREEMENT, precision={"place": "zip3", "occurred_at": "month"})

    refusal = decide(REQUEST, [rough])
    assert isinstance(refusal, Refusal)
    assert refusal.reasons[0].explanation == "agreement 7 tells place only to the zip3"
    both = replace(REQUEST, fields=frozenset({"place", "occurred_at"}))
    refusal = decide(replace(both, precision={"occurred_at": "day"}), [rough])
    assert isinstance(refusal, Refusal)
    assert refusal.reasons[0].explanation == (
        "agreement 7 tells occurred_at only to the month, place only to the zip3"
    )
    finer = decide(replace(both, precision=COARSEST), [replace(rough, precision={"occurred_at": "day"})])
    assert isinstance(finer, Grant)
    assert finer.precision == {"occurred_at": "day"}
    grant = decide(replace(both, precision=COARSEST), [rough])
    assert isinstance(grant, Grant)
    assert grant.precision == {"place": "zip3", "occurred_at": "month"}


def test_a_grant_carries_the_condition_on_its_records() -> None:
    grant = decide(REQUEST, [replace(AGREEMENT, rows={"measure": frozenset({"overdose"})})])

    assert isinstance(grant, Grant)
    assert grant.rows == {"measure": {"overdose"}}


def test_a_recipient_passes_data_on_only_to_whom_the_agreement_names() -> None:
    passed_on = replace(REQUEST, recipient="state", through="coalition")

    refusal = decide(passed_on, [AGREEMENT])
    assert isinstance(refusal, Refusal)
    assert refusal.reasons[0].explanation == "agreement 7 does not let coalition pass data on to state"
    named = replace(AGREEMENT, onward_recipients=frozenset({"state"}))
    assert isinstance(decide(passed_on, [named]), Grant)
    assert isinstance(decide(replace(REQUEST, recipient="state"), [named]), Refusal)
    by_a_stranger = decide(replace(passed_on, through="sheriff"), [named])
    assert isinstance(by_a_stranger, Refusal)
    assert by_a_stranger.reasons[0].explanation == "agreement 7 does not name sheriff as a recipient"


def test_of_two_agreements_the_one_that_leaves_the_answer_whole_is_named() -> None:
    part = replace(AGREEMENT, agreement="1", rows={"outcome": frozenset({"fatal"})})
    grant = decide(REQUEST, [part, AGREEMENT])

    assert isinstance(grant, Grant)
    assert (grant.agreement, grant.rows) == ("7", {})


def test_an_explanation_tells_every_limit() -> None:
    limited = replace(
        AGREEMENT,
        precision={"place": "zip3"},
        rows={"outcome": frozenset({"fatal"})},
        onward_recipients=frozenset({"state"}),
    )
    (allowance,) = explain(replace(REQUEST, precision=COARSEST), [limited]).allowances

    assert allowance.precision == {"place": "zip3"}
    assert allowance.rows == {"outcome": {"fatal"}}
    assert allowance.onward_recipients == {"state"}


@pytest.mark.parametrize(
    ("terminated_on", "on", "explanation"),
    [
        (date(2026, 2, 1), date(2026, 3, 1), "agreement 7 was terminated on 2026-02-01"),
        (date(2027, 6, 1), date(2027, 1, 15), "agreement 7 ended on 2026-12-31"),
        (date(2026, 2, 1), date(2027, 1, 15), "agreement 7 was terminated on 2026-02-01"),
        (date(2026, 2, 1), date(2025, 12, 31), "agreement 7 starts on 2026-01-01"),
        (date(2026, 1, 1), date(2026, 1, 1), "agreement 7 was terminated on 2026-01-01"),
    ],
)
def test_a_refusal_says_what_ended_the_agreement(terminated_on: date, on: date, explanation: str) -> None:
    refusal = decide(replace(REQUEST, on=on), [replace(AGREEMENT, terminated_on=terminated_on)])

    assert isinstance(refusal, Refusal)
    assert refusal.reasons[0].explanation == explanation


def test_a_whole_answer_goes_before_a_part_of_it() -> None:
    """One agreement shares all wards, a stricter one the county's north only: its zeros elsewhere would mislead."""
    part = replace(AGREEMENT, agreement="8", minimum_cell=11, rows={"place": frozenset({"north"})})

    grant = decide(REQUEST, [part, AGREEMENT])

    assert isinstance(grant, Grant)
    assert (grant.agreement, dict(grant.rows)) == (AGREEMENT.agreement, {})
