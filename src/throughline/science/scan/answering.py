"""Answers a question: the observed clusters, then the replicates that say how often chance shows as much."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from throughline.science.scan.chance import Chance, stream
from throughline.science.scan.clusters import Cluster, apart_from_likelier, describe
from throughline.science.scan.geography import Ellipses, Geography, windows_of
from throughline.science.scan.inference import as_large
from throughline.science.scan.models import Study, apply_model
from throughline.science.scan.prepared import Space, Span
from throughline.science.scan.search import DataSet, Search
from throughline.science.scan.settings import Settings, Watch, check_whole

Floats = NDArray[np.float64]

REPLICATES_PER_LOOK = 100  # after which sequential stopping looks at the rank
NUMBERS_AT_ONCE = 4_000_000  # bounds the memory of simulated data sets to about 200 MB
REPLICATES_AT_ONCE = 1_000
# Windows that every replicate beats aren't told; where exactly that begins is luck, so some just below are told too.
LISTED = 0.9


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


@dataclass(frozen=True)
class Question:
    """Where and when windows lie in the study, and in replicates (more of them where earlier looks count)."""

    geography: Geography
    span: Span | None
    replicated_span: Span | None
    ellipses: Ellipses | None
    looks: int = 0  # that replicates simulate, if windows must reach the last interval

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


def check_span(shortest: int, longest: int, intervals: int, last_start: int) -> Span:
    check_whole("minimum_length", shortest)
    check_whole("maximum_length", longest)
    if not 1 <= shortest <= longest <= intervals:
        raise ValueError(
            "minimum_length and maximum_length must be in order and lie between 1 and intervals "
            f"({intervals}), got {shortest} and {longest}."
        )
    return Span(shortest, longest, min(last_start, intervals - shortest), intervals)


def scan(study: Study, question: Question, settings: Settings) -> ScanResult:
    """One scan, or several, each without the likeliest clusters of those before."""
    clusters, maxima = _scan_once(study, question, settings, iteration=0)
    if settings.iterations > 1:
        clusters = list(_removing(study, clusters[:1], question, settings))
    return ScanResult(tuple(clusters), maxima, settings.seed, len(study.place), _warnings(question.geography))


def _removing(
    study: Study, found: list[Cluster], question: Question, settings: Settings
) -> Iterator[Cluster]:
    """The likeliest cluster of each iteration, as long as they are likely; `found`: by the first."""
    for iteration in range(1, settings.iterations + 1):
        if not found:
            return
        likeliest = found[0]
        yield likeliest
        if iteration == settings.iterations or likeliest.p_value is None:
            return
        study = study.without(np.array(likeliest.members or [0]), likeliest.start, likeliest.end)
        if likeliest.p_value > settings.iteration_p or study.is_over:
            return
        found, _ = _scan_once(study, question, settings, iteration)


def _scan_once(
    study: Study, question: Question, settings: Settings, iteration: int
) -> tuple[list[Cluster], Floats]:
    search, replicated, chance = question.search(study, settings)
    observed = study.counts() if search.span is None else study.younger_than(search.span.ages)
    watch = Watch(settings.progress, settings.cancelled)
    # without sequential stopping nobody asks before the replicates are done
    likeliest = float(search.largest([observed], watch.silently)[0]) if settings.stop_after else 0.0
    first = 1 + iteration * settings.replicates
    numbers = range(first, first + settings.replicates)
    parts = _parts(settings, numbers, _size(study, replicated))
    maxima = settings.run(Replication(replicated, chance, settings.seed, numbers, watch), parts)
    simulated = np.concatenate([np.empty(0), *_until_hopeless(maxima, likeliest, settings.stop_after, watch)])
    least = LISTED * simulated.min() if len(simulated) else 0.0
    found = list(search.best_by_centre(observed, least))
    if not found:  # the likeliest is told, however likely it is by chance
        likeliest = float(search.largest([observed], watch.silently)[0])
        found = list(search.best_by_centre(observed, likeliest * (1 - 1e-6)))
    candidates = apart_from_likelier(search, found, settings.overlap)
    cases = (study.place, study.age)
    return [
        describe(
            candidate,
            search,
            cases=cases,
            intervals=study.intervals,
            simulated=simulated,
            looks=question.looks,
        )
        for candidate in candidates
    ], simulated


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


def _size(study: Study, search: Search) -> int:
    """Numbers that make up one data set."""
    return study.places if search.span is None else len(study.younger_than(search.span.ages)[0])


def _parts(settings: Settings, numbers: range, size: int) -> list[range]:
    """Replicates by task; size: of one data set."""
    most = settings.replicates_per_task or (
        REPLICATES_PER_LOOK if settings.stop_after else REPLICATES_AT_ONCE
    )
    at_once = max(1, min(most, NUMBERS_AT_ONCE // max(size, 1)))
    return [numbers[start : start + at_once] for start in range(0, len(numbers), at_once)]


def _until_hopeless(
    maxima: Iterator[Floats], likeliest: float, stop_after: int | None, watch: Watch
) -> Iterator[Floats]:
    so_far = 0
    for some in maxima:
        yield some
        watch.silently()  # a task on another machine can't ask
        so_far += as_large(some, likeliest)
        if stop_after and so_far >= stop_after:
            return


def _warnings(geography: Geography) -> tuple[str, ...]:
    shared = len(geography.places) - len(np.unique(geography.places, axis=0))
    if not shared:
        return ()
    return (f"{shared} of {len(geography.places)} places share coordinates; they enter circles together.",)
