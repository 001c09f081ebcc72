"""The prospective scan against a plain numpy implementation of the same statistic, and a county at full size."""

from time import perf_counter, process_time

import numpy as np

from throughline.science.cylinders import SearchSpace, WindowCases, largest_ratios, log_likelihood_ratio
from throughline.science.distance import great_circle_km
from throughline.science.scan import prospective_scan


def main():
    compare_with_plain_numpy(places=300, days=365, cases=600, window=28, replicates=20)
    time_a_county(places=1328, days=365, cases=1851, window=28, replicates=999)


def county(places, days, cases, seed=1):
    """Places in 70 x 50 km, cases by day with clustered rates."""
    random = np.random.default_rng(seed)
    rate = random.gamma(0.7, 1.0, places)
    latitude, longitude = 41.6 + random.random(places) * 0.63, -88.2 + random.random(places) * 0.6
    place = random.choice(places, cases, p=rate / rate.sum())
    return latitude, longitude, place, random.integers(0, days, cases)


def compare_with_plain_numpy(places, days, cases, window, replicates):
    latitude, longitude, place, day = county(places, days, cases)
    age = days - 1 - day
    by_place = np.bincount(place, minlength=places).astype(float)
    by_length = np.cumsum(np.bincount(age, minlength=days))[:window]
    space = SearchSpace(
        latitude, longitude, np.outer(by_place, by_length / cases), by_place, cases / 2, np.inf
    )
    sets = shuffled(place, age[age < window], replicates)
    largest_ratios(space, sets, cases, 2)  # compiles
    start = perf_counter()
    ours = largest_ratios(space, sets, cases, 2)
    middle = perf_counter()
    plain = plain_largest_ratios(space, sets, cases)
    end = perf_counter()
    np.testing.assert_allclose(ours, plain, atol=1e-9)
    print(f"{places} places, {cases} cases, windows up to {window} days, {replicates} data sets: same maxima")
    print(f"ours {middle - start:.3f} s, plain numpy {end - middle:.2f} s")
    print(f"ratio {(end - middle) / (middle - start):.0f}x")


def shuffled(place, ages, replicates):
    random = np.random.default_rng(2)
    drawn = [random.choice(place, len(ages), replace=False) for _ in range(replicates)]
    return WindowCases(
        np.concatenate(drawn), np.tile(ages, replicates), np.arange(replicates + 1) * len(ages)
    )


def plain_largest_ratios(space, sets, total):
    """All circles and windows of a centre at once, from cumulative sums over places and days."""
    places, window = space.expected.shape
    orders = [
        np.argsort(
            great_circle_km(space.latitude[centre], space.longitude[centre], space.latitude, space.longitude)
        )
        for centre in range(places)
    ]
    orders = [order[np.cumsum(space.size[order]) <= space.maximum_size] for order in orders]
    largest = []
    for first, last in zip(sets.start[:-1], sets.start[1:], strict=True):
        counts = np.zeros((places, window))
        np.add.at(counts, (sets.place[first:last], sets.age[first:last]), 1)
        by_length = np.cumsum(counts, axis=1)
        best = 0.0
        for order in orders:
            observed = np.cumsum(by_length[order], axis=0)
            expected = np.cumsum(space.expected[order], axis=0)
            ratios = log_likelihood_ratio(observed, expected, total)
            best = max(best, ratios[observed >= 2].max(initial=0.0))
        largest.append(best)
    return np.array(largest)


def time_a_county(places, days, cases, window, replicates):
    latitude, longitude, place, day = county(places, days, cases)
    for share in (0.5, 0.1):
        wall, cpu = perf_counter(), process_time()
        prospective_scan(
            place=place,
            day=day,
            latitude=latitude,
            longitude=longitude,
            days=days,
            maximum_days=window,
            maximum_population_share=share,
            replicates=replicates,
            seed=1,
        )
        print(
            f"{places:,} places, {days} days, {cases:,} cases, {replicates} replicates, circles up to "
            f"{share:.0%}: {perf_counter() - wall:.1f} s, {process_time() - cpu:.1f} s of processor time"
        )


if __name__ == "__main__":
    main()
