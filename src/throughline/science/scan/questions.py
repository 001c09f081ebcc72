"""One function per question: where, when, where and when, and where now do cases cluster?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, Required, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from throughline.science.scan.chance import Chance, stream
from throughline.science.scan.clusters import BESIDE, Cluster, Overlap, apart_from_likelier, describe
from throughline.science.scan.exposure import Exposure
from throughline.science.scan.geography import Ellipses, Geography, check_geography, nowhere, windows_of
from throughline.science.scan.inference import as_large
from throughline.science.scan.models import SIGNS, Adjustment, Model, Rates, Study, apply_model, check_study
from throughline.science.scan.prepared import Space, Span
from throughline.science.scan.runners import Runner, threads
from throughline.science.scan.search import DataSet, Search

Floats = NDArray[np.float64]

REPLICATES_PER_LOOK = 100  # after which sequential stopping looks at the rank
NUMBERS_AT_ONCE = 4_000_000  # bounds the memory of simulated data sets to about 200 MB
REPLICATES_AT_ONCE = 1_000


class ScanCancelled(Exception):
    """The caller's `cancelled` said so."""


class Options(TypedDict, total=False):
    """What every question takes.

    seed: of the replicates; each has its own random stream, so the answer is the same wherever they are computed.
    rates: search for more cases than expected, fewer, or both. minimum_cases, minimum_low_cases: in a window of
    more, of fewer. replicates: data sets under chance alone; stop_after: end once that many are as large as the
    likeliest cluster, looked at every 100 (Besag & Clifford 1991, Biometrika 78, 301). overlap: which clusters are
    told beside likelier ones. iterations: after each, the likeliest cluster's cases and persons are taken out and
    the scan is repeated, while its p-value is at most iteration_p (Zhang et al. 2010, Stat Med 29, 2925).
    run: where replicates are computed, replicates_per_task how many at once. progress: told (done, of) replicates.
    cancelled: asked now and then; if true, ScanCancelled is raised.
    """

    seed: Required[int]
    rates: Rates
    minimum_cases: int
    minimum_low_cases: int
    replicates: int
    stop_after: int | None
    overlap: Overlap
    iterations: int
    iteration_p: float
    run: Runner
    replicates_per_task: int | None
    progress: Callable[[int, int], object]
    cancelled: Callable[[], bool]


class PlaceOptions(Options, total=False):
    """What questions of places take besides: where these are, and how large a circle may be.

    latitude, longitude (degrees) or x, y (on a plane): one per place. centres: grid points that circles are drawn
    around, instead of the places. maximum_population_share: of persons at risk or, under the permutation model, of
    cases. maximum_radius_km: in the units of x and y on a plane.
    """

    latitude: ArrayLike | None
    longitude: ArrayLike | None
    x: ArrayLike | None
    y: ArrayLike | None
    centres: tuple[ArrayLike, ArrayLike] | None
    maximum_population_share: float
    maximum_radius_km: float | None


@dataclass(frozen=True)
class ScanResult:
    """The most likely cluster first. simulated_maxima: the largest statistic of each replicate."""

    clusters: tuple[Cluster, ...]
    simulated_maxima: Floats
    seed: int
    total_cases: int
    warnings: tuple[str, ...]

    @property
    def replicates(self) -> int:
        return len(self.simulated_maxima)


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
    return _scan(study, Question(geography, None, None, ellipses), settings)


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
    span = _check_span(minimum_length, maximum_length, intervals, 0 if prospective else intervals - 1)
    return _scan(
        study, Question(nowhere(), span, span, None), Settings(**options, maximum_population_share=1.0)
    )


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
    span = _check_span(minimum_length, maximum_length, intervals, intervals - 1)
    return _scan(study, Question(geography, span, span, None), settings)


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
    likeliest window end on any of them (Kulldorff 2001, J R Stat Soc A 164, 61). recurrence_interval: 1/p looks
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
    if earlier_since is not None and not 0 <= earlier_since < intervals:
        raise ValueError(f"earlier_since must lie between 0 and {intervals - 1}, got {earlier_since}.")
    span = _check_span(minimum_length, maximum_length, intervals, 0)
    looks = 0 if earlier_since is None else intervals - 1 - earlier_since
    return _scan(study, Question(geography, span, replace(span, last_start=looks), None), settings)


@dataclass(frozen=True)
class Settings:
    """Options with their defaults, checked."""

    seed: int
    rates: Rates = "high"
    minimum_cases: int = 2
    minimum_low_cases: int = 0
    replicates: int = 999
    stop_after: int | None = None
    overlap: Overlap = "none"
    iterations: int = 1
    iteration_p: float = 0.05
    run: Runner = field(default_factory=threads)
    replicates_per_task: int | None = None
    progress: Callable[[int, int], object] | None = None
    cancelled: Callable[[], bool] | None = None
    latitude: ArrayLike | None = None
    longitude: ArrayLike | None = None
    x: ArrayLike | None = None
    y: ArrayLike | None = None
    centres: tuple[ArrayLike, ArrayLike] | None = None
    maximum_population_share: float = 0.5
    maximum_radius_km: float | None = None

    def __post_init__(self) -> None:
        if self.rates not in SIGNS:
            raise ValueError(f"rates must be one of {', '.join(SIGNS)}, got {self.rates!r}.")
        if self.overlap not in BESIDE:
            raise ValueError(f"overlap must be one of {', '.join(BESIDE)}, got {self.overlap!r}.")
        if not 0 < self.maximum_population_share <= 1:
            raise ValueError(
                f"maximum_population_share must lie between 0 and 1, got {self.maximum_population_share}."
            )
        if self.maximum_radius_km is not None and not self.maximum_radius_km >= 0:
            raise ValueError(f"maximum_radius_km must be 0 or more, got {self.maximum_radius_km}.")
        for name, least in (
            ("minimum_cases", 1),
            ("minimum_low_cases", 0),
            ("seed", 0),
            ("replicates", 0),
            ("iterations", 1),
        ):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be {least} or more, got {getattr(self, name)}.")

        if self.stop_after is not None and self.stop_after < 1:
            raise ValueError(f"stop_after must be 1 or more, got {self.stop_after}.")
        if not 0 <= self.iteration_p <= 1:
            raise ValueError(f"iteration_p must lie between 0 and 1, got {self.iteration_p}.")

    @property
    def fewest(self) -> dict[int, int]:
        least = {1: self.minimum_cases, -1: self.minimum_low_cases}
        return {sign: least[sign] for sign in SIGNS[self.rates]}

    def geography(self) -> Geography:
        geography = check_geography(
            latitude=self.latitude, longitude=self.longitude, x=self.x, y=self.y, centres=self.centres
        )
        if len(geography.places) < 2:
            raise ValueError("a scan of places needs two places or more; with one, ask for a temporal scan.")
        if self.overlap not in ("none", "any") and not geography.centres_are_places:
            raise ValueError(f"overlap={self.overlap!r} needs centres that are places.")
        return geography


@dataclass(frozen=True)
class Question:
    """Where and when windows lie in the study, and in replicates (more of them where earlier looks count)."""

    geography: Geography
    span: Span | None
    replicated_span: Span | None
    ellipses: Ellipses | None

    def search(self, study: Study, settings: Settings) -> tuple[Search, Search, Chance]:
        """For the study, for replicates, and how these are drawn."""
        given = apply_model(study, settings.fewest)
        farthest = np.inf if settings.maximum_radius_km is None else settings.maximum_radius_km
        space = Space(
            self.geography,
            windows_of(self.ellipses),
            given.size,
            settings.maximum_population_share * float(given.size.sum()),
            farthest,
        )
        search = Search(space, self.span, given.null)
        return search, replace(search, span=self.replicated_span), given.chance


def _check_span(shortest: int, longest: int, intervals: int, last_start: int) -> Span:
    if not 1 <= shortest <= longest <= intervals:
        raise ValueError(
            "minimum_length and maximum_length must be in order and lie between 1 and intervals "
            f"({intervals}), got {shortest} and {longest}."
        )
    return Span(shortest, longest, min(last_start, intervals - shortest), intervals)


def _scan(study: Study, question: Question, settings: Settings) -> ScanResult:
    """One scan, or several, each without the likeliest clusters of those before."""
    clusters: list[Cluster] = []
    left = study
    for iteration in range(settings.iterations):
        found, simulated = _scan_once(left, question, settings, iteration)
        if iteration == 0:
            maxima = simulated
        if settings.iterations == 1:
            clusters = found
            break
        clusters += found[:1]
        if not found or found[0].p_value is None or found[0].p_value > settings.iteration_p:
            break
        members = np.array(found[0].members or [0])
        left = left.without(members, found[0].start, found[0].end)
        if not len(left.place):
            break
    return ScanResult(tuple(clusters), maxima, settings.seed, len(study.place), _warnings(question.geography))


def _scan_once(
    study: Study, question: Question, settings: Settings, iteration: int
) -> tuple[list[Cluster], Floats]:
    search, replicated, chance = question.search(study, settings)
    observed = study.counts() if search.span is None else study.younger_than(search.span.ages)
    watch = Watch(settings.progress, settings.cancelled)
    # without sequential stopping nobody asks before the replicates are done
    likeliest = float(search.largest([observed], watch.silently)[0]) if settings.stop_after else 0.0
    first = 1 + iteration * settings.replicates
    parts = _parts(
        settings,
        first,
        len(observed) if search.span is None else len(study.younger_than(replicated.span.ages)[0]),
    )
    task = Replication(replicated, chance, settings.seed, range(first, first + settings.replicates), watch)
    maxima = _until_hopeless(settings.run(task, parts), likeliest, settings.stop_after)
    simulated = np.concatenate([np.empty(0), *maxima])
    least = simulated.min() * (1 - 1e-9) if len(simulated) else 0.0
    candidates = apart_from_likelier(search, search.best_by_centre(observed, least), settings.overlap)
    cases = (study.place, study.age)
    return [
        describe(candidate, search, cases=cases, intervals=study.intervals, simulated=simulated)
        for candidate in candidates
    ], simulated


class Watch:
    """Tells the caller how far a scan is and asks whether to go on; on another machine it is silent."""

    def __init__(
        self,
        progress: Callable[[int, int], object] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self.progress, self.cancelled = progress, cancelled

    def __reduce__(self) -> tuple[type["Watch"], tuple[()]]:
        return (Watch, ())

    def __call__(self, done: int, of: int) -> None:
        self.silently()
        if self.progress:
            self.progress(done, of)

    def silently(self, share: float = 0.0) -> None:
        if self.cancelled and self.cancelled():
            raise ScanCancelled


@dataclass(frozen=True)
class Replication:
    """The task that runners spread: the largest statistic of each of some replicates, out of all `numbers`."""

    search: Search
    chance: Chance
    seed: int
    numbers: range
    watch: Watch

    def __call__(self, some: range) -> Floats:
        done = some.start - self.numbers.start
        data_sets = [self._draw(stream(self.seed, number)) for number in some]
        return self.search.largest(
            data_sets, lambda share: self.watch(done + int(share * len(some)), len(self.numbers))
        )

    def _draw(self, random: np.random.Generator) -> DataSet:
        if self.search.span is None:
            return self.chance.draw_counts(random, self.search.space.places)
        return self.chance.draw(random, self.search.span.ages)


def _parts(settings: Settings, first: int, size: int) -> list[range]:
    """Replicates by task; size: of one data set, in numbers."""
    most = settings.replicates_per_task or (
        REPLICATES_PER_LOOK if settings.stop_after else REPLICATES_AT_ONCE
    )
    at_once = max(1, min(most, NUMBERS_AT_ONCE // max(size, 1)))
    end = first + settings.replicates
    return [range(start, min(start + at_once, end)) for start in range(first, end, at_once)]


def _until_hopeless(maxima: Iterator[Floats], likeliest: float, stop_after: int | None) -> Iterator[Floats]:
    so_far = 0
    for some in maxima:
        yield some
        so_far += as_large(some, likeliest)
        if stop_after and so_far >= stop_after:
            return


def _warnings(geography: Geography) -> tuple[str, ...]:
    shared = len(geography.places) - len(np.unique(geography.places, axis=0))
    if not shared:
        return ()
    return (f"{shared} of {len(geography.places)} places share coordinates; they enter circles together.",)
