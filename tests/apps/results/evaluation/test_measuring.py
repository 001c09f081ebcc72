"""Whether an answer worked: what is counted, compared with what, and when nobody can tell."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from apps.results.situations import (
    AFTER_ON,
    AT,
    BASELINE,
    BEFORE_ON,
    MOVED_AT,
    SPIKE_ON,
    Counts,
    answer,
    deliver,
)
from django.core.exceptions import ValidationError
from factories import make_person, make_place
from pytest import approx

from throughline.action.response.models import Response
from throughline.evidence.feeds.models import Feed
from throughline.ledger.models import Entry
from throughline.members.places.models import Place
from throughline.policy.sharing import Purpose
from throughline.results.evaluation.actions import measure_effect
from throughline.results.evaluation.models import Effect
from throughline.results.evaluation.queries import conclusion_of, facts_of, next_measure_on
from throughline.results.evaluation.wording import Conclusion, sentence

Measure = Callable[..., Effect]


def measure(response: Response, **settings: object) -> Effect:
    return measure_effect(**{"response": response, "as_of": AT, "by": make_person(), "at": AT} | settings)


def test_events_before_and_after_are_compared_with_places_alike(response: Response) -> None:
    effect = measure(response)
    assert (effect.before, effect.after) == (42, 9)
    assert (effect.comparison_before, effect.comparison_after) == (84, 31)
    assert {place.code for place in effect.comparison_places.all()} == {"W2", "W3"}  # not Far Ward
    assert effect.ratio == approx(9 / 42 * 84 / 31)
    assert effect.low < effect.ratio < effect.high
    assert effect.finding == Effect.Finding.CANNOT_TELL  # the interval holds 1


def test_the_sentence_says_counted_expected_and_the_interval(response: Response) -> None:
    assert sentence(facts_of(measure(response))) == (
        "In the 28 days after help moved, we counted 9 where 16 would have been expected had these places"
        " changed like the others (ratio 0.58, 95% interval 0.25 to 1.33): we can't tell yet."
    )


def test_a_clear_fall_is_found(measured: Measure) -> None:
    effect = measured(here=(120, 10), elsewhere=(120, 40))
    assert effect.finding == Effect.Finding.FEWER
    assert sentence(facts_of(effect)).endswith(": fewer than expected.")


def test_a_clear_rise_is_found_and_said_as_plainly(measured: Measure) -> None:
    effect = measured(here=(60, 60), elsewhere=(120, 40))
    assert effect.finding == Effect.Finding.MORE
    assert sentence(facts_of(effect)).endswith(": more than expected.")


def test_the_days_after_begin_the_day_after_help_moved(response: Response) -> None:
    effect = measure(response)
    assert (effect.after_from_on, effect.after_to_on) == (date(2026, 3, 9), date(2026, 4, 5))


def test_without_help_that_moved_they_begin_after_the_plan(places: None) -> None:
    response = answer(
        moved_at=None, moved_by=None, movement="", planned_at=datetime(2026, 3, 10, 15, tzinfo=UTC)
    )
    effect = measure(response)
    assert effect.after_from_on == date(2026, 3, 11)
    assert sentence(facts_of(effect)).startswith("In the 28 days after the plan, ")


def test_the_baseline_never_touches_the_signals_own_days(response: Response, counts: Counts) -> None:
    """The spike was chosen for being high; as “before” it would make any answer look good."""
    without = measure(response).before
    counts.places["W8"][SPIKE_ON] = 500
    effect = measure(response)
    assert effect.before == without
    assert effect.before_to_on < SPIKE_ON


def test_places_that_another_answer_went_to_are_not_compared_with(response: Response) -> None:
    other = answer()
    other.signal.places.set([Place.objects.get(code="W2")])
    assert {place.code for place in measure(response).comparison_places.all()} == {"W3"}


def test_nor_with_places_of_an_older_answer_whose_help_moved_on_these_days(response: Response) -> None:
    long_ago = MOVED_AT - timedelta(days=200)
    other = answer(opened_at=long_ago, planned_at=long_ago, moved_at=MOVED_AT + timedelta(days=3))
    other.signal.places.set([Place.objects.get(code="W2")])
    assert {place.code for place in measure(response).comparison_places.all()} == {"W3"}


def test_a_district_is_measured_through_the_places_inside_it(response: Response, counts: Counts) -> None:
    district = make_place(code="SOUTH", name="South side")
    Place.objects.filter(code__in=["W8", "W2"]).update(parent=district)
    response.signal.places.set([district])
    effect = measure(response)
    assert (effect.before, effect.after) == (42 + 30, 9 + 14)
    assert [place.code for place in effect.places.all()] == ["SOUTH"]


def test_without_populations_counts_have_to_do(response: Response) -> None:
    Place.objects.update(population=None)
    assert measure(response).comparison_before == 84  # of two places with a like number


@pytest.mark.parametrize("as_of", [MOVED_AT, datetime(2026, 4, 6, 12, tzinfo=UTC)])
def test_before_the_days_are_over_and_reported_it_is_too_early(response: Response, as_of: datetime) -> None:
    effect = measure(response, as_of=as_of)
    assert conclusion_of(effect) is Conclusion.TOO_EARLY
    assert effect.finding == Effect.Finding.CANNOT_TELL
    assert effect.ratio is None
    assert sentence(facts_of(effect)) == (
        "It is too early to tell: the days after help moved are counted up to April 5, 2026, and records keep"
        " arriving for about 14 days after that."
    )
    assert next_measure_on(effect, Conclusion.TOO_EARLY) == date(2026, 4, 20)


def test_a_feed_gone_silent_is_not_mistaken_for_fewer_events(response: Response, feed: Feed) -> None:
    feed.deliveries.all().delete()
    deliver(feed, usable_at=datetime(2026, 3, 20, tzinfo=UTC))
    assert conclusion_of(measure(response)) is Conclusion.TOO_EARLY


@pytest.mark.parametrize(
    "received_at, last_occurred_at, settled",
    [
        (datetime(2026, 4, 12, tzinfo=UTC), datetime(2026, 4, 3, tzinfo=UTC), False),  # old days only
        (datetime(2026, 4, 12, tzinfo=UTC), datetime(2026, 4, 7, tzinfo=UTC), True),
        (datetime(2026, 4, 21, tzinfo=UTC), None, True),  # a quiet feed: nothing happened, and it says so
    ],
)
def test_a_feed_has_reported_when_it_names_a_later_day_or_delivers_late_enough(
    response: Response,
    feed: Feed,
    received_at: datetime,
    last_occurred_at: datetime | None,
    settled: bool,
) -> None:
    feed.deliveries.all().delete()
    deliver(feed, usable_at=received_at, last_occurred_at=last_occurred_at)
    assert measure(response).settled == settled


def test_events_in_clusters_widen_the_interval(response: Response, counts: Counts) -> None:
    even = measure(response)
    for code, before in (("W8", 42), ("W2", 30), ("W3", 54)):
        counts.places[code] |= dict.fromkeys(BASELINE, 0) | dict.fromkeys(BASELINE[::14], before // 6)
    clustered = measure(response)
    assert (clustered.before, clustered.ratio) == (even.before, even.ratio)
    assert clustered.low < even.low
    assert even.high < clustered.high


@pytest.mark.parametrize("here, elsewhere", [((0, 12), (84, 31)), ((42, 9), (0, 5))])
def test_without_events_before_nobody_can_tell(
    measured: Measure, here: tuple[int, int], elsewhere: tuple[int, int]
) -> None:
    effect = measured(here=here, elsewhere=elsewhere)
    assert effect.ratio is None
    assert conclusion_of(effect) is Conclusion.CANNOT_TELL
    assert "too few events" in sentence(facts_of(effect))


def test_what_can_not_be_told_is_measured_again_sooner(response: Response) -> None:
    effect = measure(response)
    assert next_measure_on(effect, Conclusion.CANNOT_TELL) == date(2026, 6, 29)
    assert next_measure_on(effect, Conclusion.FEWER) == date(2026, 8, 30)


def test_counts_are_read_for_evaluation_as_they_were_known(response: Response, counts: Counts) -> None:
    as_of = AT - timedelta(days=3)
    measure(response, as_of=as_of)
    assert counts.asked[0]["purpose"] == Purpose.EVALUATION
    assert counts.asked[0]["as_of"] == as_of


def test_a_refusal_is_shown_and_nothing_is_stored(response: Response, counts: Counts) -> None:
    counts.refused = {Purpose.EVALUATION}
    with pytest.raises(ValidationError, match="may not read the feed ems for measuring whether"):
        measure(response)
    assert not Effect.objects.exists()


def test_before_anything_was_planned_there_is_nothing_to_measure(places: None) -> None:
    response = answer(plan="", planned_at=None, planned_by=None, moved_at=None, moved_by=None, movement="")
    with pytest.raises(ValidationError, match="Nothing was planned or moved yet"):
        measure(response)


@pytest.mark.parametrize(
    "change, message",
    [({"begins_on": None}, "names no days"), ({"evidence": {}}, "does not say which events")],
)
def test_a_signal_without_days_or_events_can_not_be_measured(
    response: Response, change: dict[str, object], message: str
) -> None:
    for name, value in change.items():
        setattr(response.signal, name, value)
    with pytest.raises(ValidationError, match=message):
        measure(response)


def test_a_signal_without_places_can_not_be_measured(response: Response) -> None:
    response.signal.places.clear()
    with pytest.raises(ValidationError, match="names no place"):
        measure(response)


def test_measuring_is_in_the_ledger(response: Response) -> None:
    effect = measure(response)
    entry = Entry.objects.last()
    assert (entry.verb, entry.subject) == ("measure_effect", f"effect:{effect.pk}")


def test_measured_again_is_another_row(response: Response, counts: Counts) -> None:
    first = measure(response)
    counts.places["W8"][AFTER_ON] += 3
    counts.places["W8"][BEFORE_ON] += 1
    measure(response)
    first.refresh_from_db()
    assert first.after == 9
    assert response.effects.count() == 2
