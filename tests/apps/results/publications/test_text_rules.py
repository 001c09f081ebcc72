"""Words typed by people hold no figures: one could be a withheld count."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from throughline.results.publications.text_rules import refuse_figures

NAMES = ["Ward 8", "Tract 101.02", "Station 5 EMS"]


@pytest.mark.parametrize(
    "text",
    [
        "Overdoses rose in Ward 8 and a unit was posted there.",
        "Station 5 EMS posted a unit near Tract 101.02 on March 7, 2026.",
        "From 7 March 2026 until 2026-04-05, and again in May 2026.",
        "Desde el 7 de marzo de 2026 hubo más unidades.",
        "Someone will be told.",
    ],
)
def test_dates_and_names_are_fine(text: str) -> None:
    refuse_figures(text, names=NAMES)


@pytest.mark.parametrize(
    "text, figure",
    [
        ("Overdoses fell to 9.", "9."),
        ("Overdoses fell to nine.", "nine"),
        ("Fell by 12%", "12%"),
        ("Ward 81 was calmer", "81"),
        ("In Ward 8, 6 people died", "6"),
        ("Nueve personas", "Nueve"),
        ("A dozen fewer", "dozen"),
        ("7 in March 2026", "7"),
        ("the 9th since then", "9th"),
        ("seen ⁹ times", "⁹"),
        ("seen Ⅸ times", "Ⅸ"),
        ("in 2026, or 2026 people", "2026,"),
        ("٩ people", "٩"),
    ],
)
def test_any_other_figure_is_refused_and_named(text: str, figure: str) -> None:
    with pytest.raises(ValidationError) as refused:
        refuse_figures(text, names=NAMES)
    assert f"“{figure}” is a figure" in refused.value.messages[0]


@given(st.integers(0, 99_999), st.text(max_size=20), st.text(max_size=20))
def test_no_bare_number_passes(number: int, before: str, after: str) -> None:
    with pytest.raises(ValidationError):
        refuse_figures(f"{before} {number} {after}", names=NAMES)
