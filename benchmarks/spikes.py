"""EARS C2 against a plain numpy implementation, and what the daily rule achieves on simulated places."""

from time import perf_counter

import numpy as np
from scipy.stats import norm, poisson

from throughline.science.spikes import daily_spikes, ears

HISTORY, JUDGED, PLACES = 58, 30, 1000
VOLUMES = (0.3, 1, 2, 3, 5, 8, 10, 15, 25)
WORLDS = {"Poisson": (1.0, 0.0), "variance 1.2 x mean": (1.2, 0.0), "weekdays +-15 %": (1.0, 0.15)}


def main():
    compare_speed()
    report_alarms()


def compare_speed(series=3000, days=5 * 365):
    counts = np.random.default_rng(1).poisson(3, (series, days))
    ears(counts[:2])  # compiles
    ours, result = best_time(lambda: ears(counts))
    plain, upper = best_time(lambda: plain_c2(counts))
    np.testing.assert_allclose(result.upper_bound[:, 9:], upper[:, 9:])
    print(
        f"EARS C2, {series:,} series x {days:,} days: {ours * 1000:.0f} ms, plain numpy {plain * 1000:.0f} ms"
    )
    print(f"ratio {plain / ours:.1f}x")


def best_time(function, runs=3):
    times = []
    for _ in range(runs):
        start = perf_counter()
        result = function()
        times.append(perf_counter() - start)
    return min(times), result


def plain_c2(counts):
    upper = np.full(counts.shape, np.nan)
    for day in range(9, counts.shape[1]):
        window = counts[:, day - 9 : day - 2]
        upper[:, day] = window.mean(axis=1) + norm.isf(0.001) * window.std(axis=1, ddof=1)
    return upper


def report_alarms():
    """Each place: 58 days of history, 30 ordinary days, then a doubling that lasts two days."""
    print("\nDaily rule: false alarms per place and 30 days / doublings found within 48 hours")
    print(f"{'cases per day':>22}" + "".join(f"{volume:>12g}" for volume in VOLUMES))
    worst_alarms, worst_found = 0.0, 1.0
    for seed, (world, (dispersion, weekday)) in enumerate(WORLDS.items()):
        figures = [judge(volume, dispersion, weekday, seed) for volume in VOLUMES]
        print(f"{world:>22}" + "".join(f"{alarms:>6.2f}/{found:>4.0%} " for alarms, found in figures))
        worst_alarms = max(worst_alarms, *(alarms for alarms, _ in figures))
        worst_found = min(worst_found, *(f for v, (_, f) in zip(VOLUMES, figures, strict=True) if v >= 10))
    print(f"{'two-day count':>22}" + "".join(f"{'1.00':>6}/{ceiling(v):>4.0%} " for v in VOLUMES))
    print("(two-day count: a test that knows the true rate, waits for both days and spends the entire bar)")
    print(f"worst: {worst_alarms:.2f} false alarms; {worst_found:.0%} found in places with 10 or more a day")
    assert worst_alarms <= 1
    assert worst_found >= 0.8


def judge(volume, dispersion, weekday, seed):
    random = np.random.default_rng(seed)
    days = HISTORY + JUDGED + 2
    phase = random.integers(0, 7, (PLACES, 1))
    mean = volume * (1 + weekday * np.cos(2 * np.pi * (np.arange(days) + phase) / 7))
    mean[:, -2:] *= 2
    counts = random.poisson(widen(mean, dispersion, random))
    alarms = np.stack([daily_spikes(counts[:, : day + 1]).alarm for day in range(HISTORY, days)], axis=1)
    return alarms[:, :-2].sum() / PLACES, alarms[:, -2:].any(axis=1).mean()


def widen(mean, dispersion, random):
    return random.gamma(mean / (dispersion - 1), dispersion - 1) if dispersion > 1 else mean


def ceiling(volume):
    """Power of the two-day count at one false alarm in 30 days, the rate known."""
    threshold = poisson.isf(1 / 30, 2 * volume) + 1
    return poisson.sf(threshold - 1, 4 * volume)


if __name__ == "__main__":
    main()
