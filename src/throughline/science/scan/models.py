"""The three models of chance: what each expects, and how it draws data sets."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from throughline.science.scan.chance import Cases, Chance, Choose, Shuffle, Spread
from throughline.science.scan.exposure import Exposure, check_exposure
from throughline.science.scan.prepared import Null

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Model = Literal["permutation", "poisson", "bernoulli"]
Adjustment = Literal["none", "time", "weekday"]
Rates = Literal["high", "low", "both"]

MOST_CASES = 2**23  # the kernel's sums, kept in 256ths of a case, would overflow beyond

SIGNS: dict[Rates, tuple[int, ...]] = {"high": (1,), "low": (-1,), "both": (1, -1)}


@dataclass(frozen=True)
class Study:
    """Checked input: place and interval of each case, and who was at risk.

    stratum: of each case; the permutation model takes place and time as independent within each. at_risk: persons
    (Poisson) or controls (Bernoulli) by place and interval; None under the permutation model.
    """

    place: Indices
    interval: Indices
    stratum: Indices
    places: int
    intervals: int
    model: Model
    adjust: Adjustment
    at_risk: Exposure | None

    @property
    def age(self) -> Indices:
        return self.intervals - 1 - self.interval

    def younger_than(self, ages: int) -> Cases:
        young = self.age < ages
        return self.place[young], self.age[young]

    @property
    def is_over(self) -> bool:
        """Whether no case is left, or nobody at risk."""
        return not len(self.place) or (self.at_risk is not None and not self.at_risk.by_place.any())

    def counts(self) -> Indices:
        return np.bincount(self.place, minlength=self.places)

    def without(self, members: Indices, first: int, last: int) -> "Study":
        """The study without the cases and persons of a cluster."""
        at_risk = self.at_risk and self.at_risk.without(members, slice(first, last + 1))
        kept = ~(np.isin(self.place, members) & (self.interval >= first) & (self.interval <= last))
        place, interval, stratum = self.place[kept], self.interval[kept], self.stratum[kept]
        return replace(self, place=place, interval=interval, stratum=stratum, at_risk=at_risk)


@dataclass(frozen=True)
class Given:
    """A model applied to a study: what is expected, how chance draws, and what a circle's size is measured by."""

    null: Null
    chance: Chance
    size: Floats


def apply_model(study: Study, fewest: dict[int, int]) -> Given:
    """ValueError says what the model lacks."""
    return MODELS[study.model](study, fewest)


def _permutation(study: Study, fewest: dict[int, int]) -> Given:
    """Place and time independent within each stratum, given its cases by place and by interval."""
    weekday = study.interval % 7 if study.adjust == "weekday" else 0
    _, stratum = np.unique(7 * study.stratum + weekday, return_inverse=True)
    strata = int(stratum.max()) + 1
    space, time = np.zeros((study.places, strata)), np.zeros((strata, study.intervals))
    np.add.at(space, (study.place, stratum), 1)
    np.add.at(time, (stratum, study.age), 1)
    time /= np.maximum(time.sum(axis=1, keepdims=True), 1)
    null = Null(
        Exposure(space, time), len(study.place), 0.0, np.empty(0, np.int64), fewest, compares_outside=False
    )
    among = [stratum == number for number in range(strata)]
    shuffle = Shuffle(tuple((study.place[cases], study.age[cases]) for cases in among))
    return Given(null, shuffle, study.counts().astype(np.float64))


def _poisson(study: Study, fewest: dict[int, int]) -> Given:
    """Cases in proportion to persons at risk, given their total (or, adjusted for time, that of each interval)."""
    total = len(study.place)
    exposure = _latest_first(_at_risk(study)).scaled(total)
    _check_cases_among(study, exposure)
    expected, by_age = exposure, np.empty(0, np.int64)
    if study.adjust == "time":
        by_age = np.bincount(study.age, minlength=study.intervals)
        expected = exposure.with_interval_totals(by_age.astype(np.float64))
    null = Null(expected, total, 0.0, by_age, fewest, compares_outside=True)
    return Given(null, Spread(expected, total, by_age), exposure.by_place)


def _bernoulli(study: Study, fewest: dict[int, int]) -> Given:
    """Cases and controls alike but for chance, given how many there are of each."""
    controls = _at_risk(study)
    persons = np.rint(controls.space @ controls.time).astype(np.int64)
    if np.abs(persons - controls.space @ controls.time).max() > 1e-9:
        raise ValueError("controls must be whole numbers.")
    if not persons.sum():
        raise ValueError("there are no controls.")
    np.add.at(persons, (study.place, study.interval), 1)
    exposure = check_exposure(persons, name="controls", places=study.places, intervals=study.intervals)
    total = len(study.place)
    expected, everyone = _latest_first(exposure).scaled(total), float(persons.sum())
    null = Null(expected, total, everyone, np.empty(0, np.int64), fewest, compares_outside=True)
    return Given(null, Choose(persons[:, ::-1], total), persons.sum(axis=1).astype(np.float64))


MODELS: dict[Model, Callable[[Study, dict[int, int]], Given]] = {
    "permutation": _permutation,
    "poisson": _poisson,
    "bernoulli": _bernoulli,
}


def _at_risk(study: Study) -> Exposure:
    if study.at_risk is None:
        raise ValueError("nobody is at risk.")
    return study.at_risk


def _latest_first(exposure: Exposure) -> Exposure:
    return Exposure(exposure.space, exposure.time[:, ::-1])


def _check_cases_among(study: Study, exposure: Exposure) -> None:
    parts = zip(exposure.space.T, exposure.time, strict=True)
    there = sum((space[study.place] * time[study.age] for space, time in parts), np.zeros(len(study.place)))
    if (there == 0).any():
        alone = int(np.argmin(there))
        raise ValueError(
            f"place {study.place[alone]} has cases in interval {study.interval[alone]} but its population is 0."
        )


def check_study(
    *,
    place: ArrayLike,
    interval: ArrayLike,
    count: ArrayLike | None,
    strata: ArrayLike | None,
    places: int,
    intervals: int,
    model: Model,
    adjust: Adjustment,
    population: ArrayLike | Exposure | None,
    controls: ArrayLike | Exposure | None,
) -> Study:
    """A study from the arguments of a question; ValueError says which argument is wrong, and which value."""
    _check_model(model, adjust)
    _check_taken(model, population=population, controls=controls)
    if intervals < 1:
        raise ValueError(f"intervals must be 1 or more, got {intervals}.")
    if model == "permutation" and min(places, intervals) < 2:
        raise ValueError("the permutation model needs two places and two intervals or more.")
    where, when = _indices("place", place, places), _indices("interval", interval, intervals)
    cases = _counts(count, len(where))
    if not len(where) == len(when) == len(cases):
        raise ValueError(
            f"place, interval and count differ in length: {len(where)}, {len(when)}, {len(cases)}."
        )
    if not cases.sum():
        raise ValueError("there are no cases.")
    if cases.sum() > MOST_CASES:
        raise ValueError(f"there are {cases.sum():,} cases; up to {MOST_CASES:,} can be scanned.")
    name, given = ("population", population) if model == "poisson" else ("controls", controls)
    at_risk = None
    if model != "permutation":
        at_risk = check_exposure(given, name=name, places=places, intervals=intervals)
    stratum = np.zeros(len(cases), np.int64) if strata is None else _strata(strata, model, len(cases))
    place_of, interval_of, stratum_of = (np.repeat(values, cases) for values in (where, when, stratum))
    return Study(place_of, interval_of, stratum_of, places, intervals, model, adjust, at_risk)


def _check_model(model: str, adjust: str) -> None:
    if model not in MODELS:
        raise ValueError(f"model must be one of {', '.join(MODELS)}, got {model!r}.")
    fits = {"none": model, "time": "poisson", "weekday": "permutation"}
    if adjust not in fits:
        raise ValueError(f"adjust must be one of {', '.join(fits)}, got {adjust!r}.")
    if fits[adjust] != model:
        raise ValueError(f"adjust={adjust!r} goes with the {fits[adjust]} model, not with {model}.")


def _check_taken(model: str, **given: object) -> None:
    takers = {"population": "poisson", "controls": "bernoulli"}
    for name, value in given.items():
        if value is not None and takers[name] != model:
            raise ValueError(f"the {model} model takes no {name}: the {takers[name]} model does.")


def _indices(name: str, values: ArrayLike, limit: int) -> Indices:
    given = np.asarray(values)
    if given.ndim != 1 or (given.size and not np.issubdtype(given.dtype, np.integer)):
        raise ValueError(f"{name} must be a list of whole numbers, one per row of cases.")
    indices = given.astype(np.int64)
    wrong = indices[(indices < 0) | (indices >= limit)]
    if wrong.size:
        raise ValueError(f"{name} must lie between 0 and {limit - 1}, got {wrong[0]}.")
    return indices


def _strata(strata: ArrayLike, model: Model, rows: int) -> Indices:
    if model != "permutation":
        raise ValueError(f"strata go with the permutation model, not with {model}: adjust its population.")
    given = np.asarray(strata)
    if given.shape != (rows,) or not np.issubdtype(given.dtype, np.integer):
        raise ValueError(f"strata must be whole numbers, one per row of cases ({rows}), got {given.shape}.")
    return np.unique(given, return_inverse=True)[1].astype(np.int64)


def _counts(count: ArrayLike | None, rows: int) -> Indices:
    if count is None:
        return np.ones(rows, np.int64)
    given = np.asarray(count, np.float64)
    wrong = ~((given >= 0) & (given == np.rint(given)) & np.isfinite(given))
    if given.ndim != 1 or wrong.any():
        found = given[wrong].flat[0] if wrong.any() else f"the shape {given.shape}"
        raise ValueError(f"count must be whole numbers, 0 or more, got {found}.")
    return given.astype(np.int64)
