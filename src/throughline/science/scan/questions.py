"""One function per question: where, when, where and when, and where now do cases cluster?"""

from dataclasses import replace
from typing import Literal, Unpack

import numpy as np
from numpy.typing import ArrayLike

from throughline.science.scan.answering import Question, ScanResult, check_span, scan
from throughline.science.scan.exposure import Exposure
from throughline.science.scan.geography import Ellipses, nowhere
from throughline.science.scan.models import Adjustment, Model, check_study
from throughline.science.scan.settings import Options, PlaceOptions, Settings, check_whole


def spatial_scan(
    *,
    place: ArrayLike,
    count: ArrayLike | None = None,
    model: Literal["poisson", "bernoulli"] = "poisson",
    population: ArrayLike | Exposure | None = None,
    controls: ArrayLike | Exposure | None = None,
    ellipses: Ellipses | None = None,
    **options: Unpack[PlaceOptions],
) -> ScanResult:
    """Circles (or ellipses, on a plane) with more or fewer cases than expected, whenever they occurred.

    place: index of each case's place, or of each row's with `count` cases. population: persons at risk (Poisson), or
    controls (Bernoulli), by place. Kulldorff 1997 (Commun Stat Theory Methods 26, 1481); ellipses: Kulldorff et al.
    2006 (Stat Med 25, 3929). See Options and PlaceOptions; ValueError says what is wrong.
    """
    settings = Settings(**options)
    geography = settings.geography()
    study = check_study(
        place=place,
        interval=np.zeros(len(np.atleast_1d(np.asarray(place))), np.int64),
        count=count,
        strata=None,
        places=len(geography.places),
        intervals=1,
        model=model,
        adjust="none",
        population=population,
        controls=controls,
    )
    if ellipses is not None and geography.on_earth:
        raise ValueError("ellipses need x and y on a plane.")
    return scan(study, Question(geography, None, None, ellipses), settings)


def temporal_scan(
    *,
    interval: ArrayLike,
    intervals: int,
    maximum_length: int,
    minimum_length: int = 1,
    count: ArrayLike | None = None,
    model: Literal["poisson", "bernoulli"] = "poisson",
    population: ArrayLike | Exposure | None = None,
    controls: ArrayLike | Exposure | None = None,
    prospective: bool = False,
    **options: Unpack[Options],
) -> ScanResult:
    """Intervals with more or fewer cases than expected, wherever they occurred.

    interval: 0 ... `intervals` - 1 of each case, or of each row with `count` cases. population, controls: (1,
    intervals); without a population every interval is alike. prospective: only windows that reach the last interval.
    See Options; ValueError says what is wrong.
    """
    if placed := sorted(set(options) - set(Options.__annotations__)):
        raise TypeError(f"temporal_scan takes no {placed[0]}.")
    if model == "poisson" and population is None:
        population = np.ones((1, max(intervals, 0)))
    study = check_study(
        place=np.zeros(len(np.atleast_1d(np.asarray(interval))), np.int64),
        interval=interval,
        count=count,
        strata=None,
        places=1,
        intervals=intervals,
        model=model,
        adjust="none",
        population=population,
        controls=controls,
    )
    span = check_span(minimum_length, maximum_length, intervals, 0 if prospective else intervals - 1)
    settings = Settings(**options, maximum_population_share=1.0)
    return scan(study, Question(nowhere(), span, span, None, looks=int(prospective)), settings)


def space_time_scan(
    *,
    place: ArrayLike,
    interval: ArrayLike,
    intervals: int,
    maximum_length: int,
    minimum_length: int = 1,
    count: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    model: Model = "permutation",
    population: ArrayLike | Exposure | None = None,
    controls: ArrayLike | Exposure | None = None,
    adjust: Adjustment = "none",
    **options: Unpack[PlaceOptions],
) -> ScanResult:
    """Circles of places in windows of time with more or fewer cases than expected, at any time of the study.

    place, interval: of each case, or of each row with `count` cases; intervals are numbered 0 ... `intervals` - 1.
    Windows hold `minimum_length` to `maximum_length` intervals.

    The permutation model needs cases only: it takes place and time as independent, within each of `strata` if given,
    such as age groups (Kulldorff et al. 2005, PLoS Med 2, e59). The Poisson model needs `population`, (places,),
    (places, intervals) or an Exposure: persons at risk, or counts expected after adjustment for covariates. The
    Bernoulli model needs `controls` of the same shapes.
    adjust="time": replicates keep the cases of each interval, and a window is compared with the rest of its own
    intervals (Poisson). adjust="weekday": place and time are independent within each day of the week, `interval`
    % 7 (permutation). See Options and PlaceOptions; ValueError says what is wrong.
    """
    settings = Settings(**options)
    geography = settings.geography()
    study = check_study(
        place=place,
        interval=interval,
        count=count,
        strata=strata,
        places=len(geography.places),
        intervals=intervals,
        model=model,
        adjust=adjust,
        population=population,
        controls=controls,
    )
    span = check_span(minimum_length, maximum_length, intervals, intervals - 1)
    return scan(study, Question(geography, span, span, None), settings)


def prospective_scan(
    *,
    place: ArrayLike,
    interval: ArrayLike,
    intervals: int,
    maximum_length: int,
    minimum_length: int = 1,
    count: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    model: Model = "permutation",
    population: ArrayLike | Exposure | None = None,
    controls: ArrayLike | Exposure | None = None,
    adjust: Adjustment = "none",
    earlier_since: int | None = None,
    **options: Unpack[PlaceOptions],
) -> ScanResult:
    """Circles of places with more or fewer cases than expected in windows that reach the last interval.

    The arguments of `space_time_scan`. A p-value accounts for every circle and window of this look. With
    `earlier_since`, it also accounts for looks after every interval from that one on: replicates may have their
    likeliest window end on any of them (Kulldorff 2001, J R Stat Soc A 164, 61). recurrence_interval: in single looks
    (Kleinman et al. 2004, Am J Epidemiol 159, 217).
    """
    settings = Settings(**options)
    geography = settings.geography()
    study = check_study(
        place=place,
        interval=interval,
        count=count,
        strata=strata,
        places=len(geography.places),
        intervals=intervals,
        model=model,
        adjust=adjust,
        population=population,
        controls=controls,
    )
    span = check_span(minimum_length, maximum_length, intervals, 0)
    looks = 1 if earlier_since is None else _looks(earlier_since, intervals)
    return scan(study, Question(geography, span, replace(span, last_start=looks - 1), None, looks), settings)


def _looks(earlier_since: int, intervals: int) -> int:
    check_whole("earlier_since", earlier_since)
    if not 0 <= earlier_since < intervals:
        raise ValueError(f"earlier_since must lie between 0 and {intervals - 1}, got {earlier_since}.")
    return intervals - earlier_since
