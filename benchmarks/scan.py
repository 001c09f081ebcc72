"""The scan statistics against the reference program's published times, and against plain numpy in the same run."""

import argparse
import resource
from collections.abc import Iterator
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np

from throughline.science.distance import great_circle_km
from throughline.science.scan import ScanResult, prospective_scan, space_time_scan, spatial_scan
from throughline.science.scan import __main__ as small_scans
from throughline.science.scan.chance import Shuffle, stream

REFERENCE = "SaTScan v10.3.2, CPU seconds of one thread, measured on a 2-core machine"
BARS = {"prospective": 10, "retrospective": 50, "spatial": 3}
SHARES = {"s50": 0.5, "s25": 0.25, "s10": 0.1}


class Row(NamedTuple):
    """One analysis of the ladder; reference: its CPU seconds by the largest circle's share of those at risk."""

    question: str
    model: str
    places: int
    days: int
    cases: int
    replicates: int
    reference: dict[str, float]
    window: int = 28
    lattice: bool = False


LADDER = (
    Row("prospective", "permutation", 500, 365, 1851, 999, {"s50": 7.0, "s25": 4.9, "s10": 3.3}),
    Row("prospective", "permutation", 1328, 365, 1851, 999, {"s50": 57, "s25": 30, "s10": 15.4}),
    Row("prospective", "permutation", 1328, 1096, 5329, 999, {"s50": 61, "s25": 35, "s10": 20}),
    Row("prospective", "permutation", 1328, 365, 1851, 999, {"s50": 235, "s10": 63}, window=90),
    Row("prospective", "poisson", 1328, 365, 1851, 999, {"s50": 74, "s25": 40, "s10": 21}),
    Row("prospective", "poisson", 1328, 1096, 5329, 999, {"s50": 103, "s25": 69, "s10": 48}),
    Row("prospective", "permutation", 3600, 365, 1851, 99, {"s50": 45, "s25": 25, "s10": 13.5}, lattice=True),
    Row("retrospective", "permutation", 500, 90, 505, 999, {"s10": 158}),
    Row("retrospective", "permutation", 1328, 365, 1851, 9, {"s50": 208, "s10": 53}),
    Row("retrospective", "poisson", 1328, 365, 1851, 9, {"s50": 278, "s10": 51}),
    Row("spatial", "poisson", 1328, 1096, 5329, 999, {"s50": 2.8}),
)
BASE = Row("prospective", "permutation", 1000, 365, 2000, 999, {})
SCALING = {  # one after the other changes, the rest is as in BASE
    "places": (500, 1000, 2000, 4000),
    "days": (90, 365, 1095),
    "cases": (1000, 2000, 4000, 8000, 16000),
    "replicates": (99, 999, 1999, 3999),
}
STATE = Row("prospective", "permutation", 5000, 365, 20000, 999, {})
QUICK = 25.0  # the reference's seconds, up to which a row belongs to the short run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="only what the reference does in under 25 seconds"
    )
    quick = parser.parse_args().quick
    small_scans.main()
    print("Compiled code is in its cache: tiny scans of every kind ran first and are not timed.\n")
    compare_with_plain_numpy(LADDER[0]._replace(replicates=50))
    climb(LADDER, most=QUICK if quick else np.inf)
    for changing, values in SCALING.items():
        scale(changing, values[:2] if quick else values)
    if not quick:
        scan_a_state()


def climb(rows: tuple[Row, ...], most: float) -> None:
    """The ladder: our seconds, the reference's, their ratio, and whether the bar is met."""
    print(f"Reference: {REFERENCE}.")
    print(f"{'':62}{'wall s':>8}{'CPU s':>8}{'reference':>11}{'ratio':>8}  bar")
    for row in rows:
        for share, reference in row.reference.items():
            if reference > most:
                continue
            wall, cpu, _ = time_scan(row, SHARES[share])
            ratio, bar = reference / cpu, BARS[row.question]
            verdict = f"{bar}x {'met' if ratio >= bar else 'MISSED'}"
            print(f"{describe(row)} {share}{wall:8.2f}{cpu:8.2f}{reference:11.1f}{ratio:7.0f}x  {verdict}")
    print()


def describe(row: Row) -> str:
    question = f"{row.question} {row.model}"
    windows = "" if row.question == "spatial" else f"t{row.window}"
    return f"{question:26}{windows:>4}{row.places:7,}{row.days:6,}{row.cases:7,}{row.replicates:6,} R"


def time_scan(row: Row, share: float) -> tuple[float, float, ScanResult]:
    """Wall and CPU seconds of all threads."""
    study = {**county(row), "maximum_population_share": share, "replicates": row.replicates, "seed": 1}
    ask = {"prospective": prospective_scan, "retrospective": space_time_scan, "spatial": spatial_scan}
    wall, cpu = perf_counter(), process_time()
    result = ask[row.question](**study)
    return perf_counter() - wall, process_time() - cpu, result


def county(row: Row, seed: int = 1) -> dict[str, Any]:
    """Places in 70 x 50 km, persons at risk, cases with clustered rates: a question's arguments.

    Cases fall nearly in proportion to persons, as real counts do: far from it, no replicate comes near the data.
    """
    random = np.random.default_rng(seed)
    latitude, longitude = lattice(row.places) if row.lattice else scattered(row.places, random)
    population = random.gamma(0.7, 1.0, row.places)
    rate = population * random.lognormal(0.0, 0.3, row.places)
    study: dict[str, Any] = {
        "latitude": latitude,
        "longitude": longitude,
        "place": random.choice(row.places, row.cases, p=rate / rate.sum()),
    }
    interval = random.integers(0, row.days, row.cases)
    if row.question != "spatial":
        study |= {
            "interval": interval,
            "intervals": row.days,
            "maximum_length": row.window,
            "model": row.model,
        }
    return study | ({"population": population} if row.model == "poisson" else {})


def scattered(places: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return 41.6 + random.random(places) * 0.63, -88.2 + random.random(places) * 0.6


def lattice(places: int) -> tuple[np.ndarray, np.ndarray]:
    """About so many cells of one kilometre, 72 to a column."""
    rows, columns = np.divmod(np.arange(places), 72)
    return 41.6 + columns * 0.63 / 72, -88.2 + rows * 0.6 / 50


def compare_with_plain_numpy(row: Row) -> None:
    """Both look at the same replicates; ours also at the data, and it tells the clusters."""
    _, cpu, result = time_scan(row, 0.5)
    study, begin = county(row), process_time()
    plain = [largest_ratio(study, shuffled(study, number)) for number in range(1, row.replicates + 1)]
    plain_cpu = process_time() - begin
    np.testing.assert_allclose(result.simulated_maxima, plain, atol=1e-9)
    print(f"{describe(row)} s50: same maxima as plain numpy")
    print(f"ours {cpu:.2f} CPU s, plain numpy {plain_cpu:.2f} CPU s, ratio {plain_cpu / cpu:.0f}x\n")


def shuffled(study: dict[str, Any], number: int) -> tuple[np.ndarray, np.ndarray]:
    """Place and age of the cases that windows can hold, in one of the replicates that the scan draws."""
    age = study["intervals"] - 1 - study["interval"]
    return Shuffle(((study["place"], age),)).draw(stream(1, number), study["maximum_length"])


def largest_ratio(study: dict[str, Any], drawn: tuple[np.ndarray, np.ndarray]) -> float:
    """All circles and windows of a centre at once, from cumulated sums over places and days."""
    counts = np.zeros((len(study["latitude"]), study["maximum_length"]))
    np.add.at(counts, drawn, 1)
    total = len(study["place"])
    by_place = np.bincount(study["place"], minlength=len(counts))
    age = study["intervals"] - 1 - study["interval"]
    by_age = np.bincount(age, minlength=study["intervals"])[: counts.shape[1]]
    observed, expected = np.cumsum(counts, axis=1), np.outer(by_place, np.cumsum(by_age) / total)
    largest = 0.0
    for order in orders(study, by_place):
        inside = np.cumsum(observed[order], axis=0)
        ratios = ratios_of(inside, np.cumsum(expected[order], axis=0), total)
        largest = max(largest, ratios[inside >= 2].max(initial=0.0))
    return largest


def orders(study: dict[str, Any], size: np.ndarray) -> Iterator[np.ndarray]:
    """Around each place, the places of circles that hold up to half of the cases, nearest first."""
    latitude, longitude = study["latitude"], study["longitude"]
    for centre in range(len(size)):
        apart = great_circle_km(latitude[centre], longitude[centre], latitude, longitude)
        order = np.argsort(apart)
        yield order[np.cumsum(size[order]) <= size.sum() / 2]


def ratios_of(observed: np.ndarray, expected: np.ndarray, total: int) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = observed * np.log(observed / expected)
        outside = (total - observed) * np.log((total - observed) / (total - expected))
    return np.where(observed > expected, inside + outside, 0.0)


def scale(changing: str, values: tuple[int, ...]) -> None:
    fixed = ", ".join(f"{getattr(BASE, name):,} {name}" for name in SCALING if name != changing)
    print(f"{BASE.question} {BASE.model}, {fixed}, windows up to {BASE.window} days, s50")
    print(f"{changing:>12}{'wall s':>8}{'CPU s':>8}")
    for value in values:
        wall, cpu, _ = time_scan(BASE._replace(**{changing: value}), 0.5)
        print(f"{value:12,}{wall:8.2f}{cpu:8.2f}")
    print()


def scan_a_state() -> None:
    """The memory is this process's highest so far, all other scans included."""
    print("A state, bars: under 60 s of wall time and 2 GB")
    for name, share in SHARES.items():
        wall, cpu, _ = time_scan(STATE, share)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        verdict = "met" if wall < 60 and memory < 2 else "MISSED"
        print(
            f"{describe(STATE)} {name}: {wall:.1f} s wall, {cpu:.1f} s CPU, {memory:.2f} GB peak  {verdict}"
        )


if __name__ == "__main__":
    main()
