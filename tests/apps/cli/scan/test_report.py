"""What is said of a cluster: numbers that exist, dates people know, and both expected counts where they differ."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from throughline.cli.scan.analysis import Analysis
from throughline.cli.scan.calendar import Unit, divide
from throughline.cli.scan.population import AtRisk
from throughline.cli.scan.report import document, in_words

CALENDAR = divide(date(2024, 1, 1).toordinal(), date(2026, 12, 31).toordinal(), Unit.YEAR, 1)
CLUSTER = {
    "members": (1, 0),
    "latitude": 40.0,
    "longitude": -75.0,
    "x": None,
    "y": None,
    "radius_km": 1.5,
    "ellipse": None,
    "start": 1,
    "end": 1,
    "observed": 7,
    "expected": 3.0,
    "relative_risk": 2.5,
    "log_likelihood_ratio": 2.0,
    "test_statistic": 2.0,
    "p_value": 0.02,
    "gumbel_p_value": 0.019,
    "recurrence_interval": 50.0,
    "high": True,
}


def told(analysis=None, **cluster) -> dict:
    result = SimpleNamespace(
        clusters=(SimpleNamespace(**CLUSTER | cluster),),
        replicates=99,
        seed=1,
        total_cases=12,
        warnings=("Mind.",),
    )
    return document(analysis or asked(), result, elapsed_seconds=0.25)


def asked(**differing) -> Analysis:
    settings = {
        "question": "space_time",
        "arguments": {},
        "analysis": "retrospective space-time",
        "model": "discrete Poisson",
        "rates": "high rates",
        "places": ("a", "b", "c"),
        "calendar": CALENDAR,
    }
    return Analysis(**settings | differing)


def test_members_are_identifiers_and_windows_are_days():
    (cluster,) = told()["clusters"]
    assert cluster["members"] == ["b", "a"]
    assert (cluster["start"], cluster["end"]) == ("2025-01-01", "2025-12-31")


@pytest.mark.parametrize("key", ["relative_risk", "gumbel_p_value"])
@pytest.mark.parametrize("value", [float("inf"), float("nan"), None])
def test_a_number_that_does_not_exist_is_none(key, value):
    found = told(**{key: value})
    assert found["clusters"][0][key] is None
    assert "nan" not in in_words(found)


def test_a_recurrence_interval_is_told_in_days_of_a_repeated_analysis_only():
    assert told()["clusters"][0]["recurrence_interval_days"] is None
    assert told(asked(days_per_look=7.0))["clusters"][0]["recurrence_interval_days"] == 350
    assert "by chance once in 350 days" in in_words(told(asked(days_per_look=7.0)))


def test_without_replicates_there_is_no_p_value():
    words = in_words(told(p_value=None, gumbel_p_value=None))
    assert "p = " not in words
    assert "log likelihood ratio 2.000000\n" in words


def test_an_ellipse_has_its_axes_and_its_penalized_statistic():
    ellipse = SimpleNamespace(shape=2.0, angle_degrees=45.0, minor=1.5, major=3.0)
    found = told(latitude=None, longitude=None, x=5.0, y=6.0, ellipse=ellipse, test_statistic=1.9)
    assert found["clusters"][0]["ellipse"] == {
        "shape": 2.0,
        "angle_degrees": 45.0,
        "minor": 1.5,
        "major": 3.0,
    }
    words = in_words(found)
    assert "2 places around (5, 6), an ellipse of half-axes 1.50 and 3.00 units at 45 degrees" in words
    assert "log likelihood ratio 2.000000, test statistic 1.900000" in words


def test_a_stratified_analysis_of_the_reference_tells_both_expected_counts():
    """Cases 4, 6 and 10 in three years; the two members are half of those at risk; the window is the second year."""
    arguments = {
        "adjust": "time",
        "population": AtRisk(np.array([[1.0], [1.0], [2.0]]), np.ones((1, 3))),
        "interval": np.array([0, 1, 2]),
        "count": np.array([4, 6, 10]),
    }
    found = told(asked(arguments=arguments, from_reference=True))
    (cluster,) = found["clusters"]
    assert (cluster["expected"], cluster["expected_in_window"]) == (3 + 5, 3.0)
    assert "expected 3.00 in the window, 8.00 up to the end of the study" in in_words(found)
    assert any("expected_in_window" in warning for warning in found["warnings"])
    assert "expected_in_window" not in told(asked(arguments=arguments))["clusters"][0]


def test_warnings_and_what_was_not_made_stand_at_the_end():
    words = in_words(told(asked(warnings=("Short.",), unused=("OutputShapefiles",))))
    assert words.endswith(
        "\n\nWarning: Short.\nWarning: Mind.\n\nThese settings have no effect: OutputShapefiles."
    )


def test_nothing_found_is_said():
    result = SimpleNamespace(clusters=(), replicates=99, seed=1, total_cases=12, warnings=())
    assert in_words(document(asked(), result, elapsed_seconds=0.25)).endswith("\nNo cluster was found.")
