"""Charts: what is withheld leaves a gap and a frame, and every value stands in the table."""

from datetime import date, timedelta

import pytest

from throughline.ui.charts import MISSING, Band, LyingBars, Mark, Series, StandingBars, bar_chart, line_chart

DAYS = [date(2025, 3, 1) + timedelta(days=day) for day in range(4)]


def chart_of(*values, **more):
    return line_chart(title="Overdoses", labels=DAYS, series=[Series("Observed", values)], **more)


def test_a_line_breaks_where_a_value_is_withheld_and_a_frame_takes_its_place():
    chart = chart_of(4, 2, None, 8)
    (drawn,) = chart.drawn
    assert drawn.path == "M125.0 100L375.0 150M875.0 0h.1"
    assert [(box.x, box.width, box.is_withheld) for box in drawn.boxes] == [("50%", "25%", True)]
    assert drawn.boxes[0].title == "March 3, 2025: withheld"
    assert chart.has_withheld


def test_a_missing_value_breaks_the_line_without_a_frame():
    chart = chart_of(4, 2, MISSING, 8)
    assert chart.drawn[0].path.count("M") == 2
    assert chart.drawn[0].boxes == []
    assert not chart.has_withheld


def test_the_table_holds_every_value_and_the_expected_range():
    chart = chart_of(4, None, MISSING, 8.5, band=Band("Expected", [1, 1, 1, 2], [5, 5, 5, 6.5]))
    assert chart.rows == [
        ("March 1, 2025", ["4", "1–5"]),
        ("March 2, 2025", ["withheld", "1–5"]),
        ("March 3, 2025", ["no data", "1–5"]),
        ("March 4, 2025", ["8.5", "2–6.5"]),
    ]


def test_the_description_says_lowest_highest_and_last_without_the_withheld_value():
    assert chart_of(4, 2, 9, None).description == (
        "Observed. Lowest at March 2, 2025: 2. Highest at March 3, 2025: 9. Last at March 3, 2025: 9."
    )


def test_the_axis_holds_thresholds_and_the_band_too():
    chart = chart_of(1, 2, 1, 2, marks=[Mark("Alert", value=18)], band=Band("Expected", [0] * 4, [31] * 4))
    assert chart.axes.values == [0, 10, 20, 30, 40]
    assert [mark.y for mark in chart.drawn_marks] == [110]


def test_upright_marks_are_lettered_and_those_outside_the_chart_left_out():
    marks = [Mark("Opened", at=DAYS[1]), Mark("Long ago", at=date(2020, 1, 1)), Mark("Closed", at=DAYS[3])]
    drawn = chart_of(1, 2, 3, 4, marks=marks).drawn_marks
    assert [(mark.letter, mark.label, mark.x) for mark in drawn] == [
        ("A", "Opened", "37.5%"),
        ("B", "Closed", "87.5%"),
    ]


def test_bars_of_two_series_stand_side_by_side_and_reach_their_values():
    chart = bar_chart(title="Visits", labels=DAYS[:1], series=[Series("A", [10]), Series("B", [5])])
    first, second = (drawn.boxes[0] for drawn in chart.drawn)
    assert isinstance(chart, StandingBars)
    assert (first.x, first.width, first.y, first.height) == ("12%", "38%", 0, 200)
    assert (second.x, second.width, second.y, second.height) == ("50%", "38%", 100, 100)


def test_bars_with_names_lie_and_start_at_zero_even_beside_negative_values():
    chart = bar_chart(title="Change", labels=["North", "South", "East"], series=[Series("C", [4, -4, None])])
    assert isinstance(chart, LyingBars)
    places = [place for _label, [(_series, _text, place)] in chart.bars]
    assert places == [("50%", "50%"), ("0%", "50%"), None]


def test_many_days_show_at_most_eight_labels_and_no_dots():
    days = [DAYS[0] + timedelta(days=day) for day in range(540)]
    chart = line_chart(title="Long", labels=days, series=[Series("Observed", [1] * 540)])
    assert len(chart.label_ticks) <= 8
    assert chart.drawn[0].dots == []


def test_a_series_of_another_length_is_refused_by_name():
    with pytest.raises(ValueError, match="Observed: 2 values for 4 labels"):
        chart_of(1, 2)
