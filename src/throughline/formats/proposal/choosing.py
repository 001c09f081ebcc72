"""The settings that follow from the columns which a person chose instead of the proposed ones."""

from typing import Any

from throughline.formats.proposal.columns import Column
from throughline.formats.proposal.dates import Order, read_dates, with_clock
from throughline.formats.proposal.persons import cause_rules
from throughline.formats.proposal.places import code_rule
from throughline.formats.proposal.substances import flag_rule, is_flag
from throughline.formats.proposal.words import word_rule

__all__ = ["cause_rules", "code_rule", "flag_rule", "is_flag", "occurred_rule", "word_rule"]


def occurred_rule(
    date: Column, clock: Column | None, fallback: Column | None, *, first: Order | None, time_zone: str
) -> dict[str, Any]:
    """The setting `occurred_at`: a column of dates, joined with one of times of day where there is one, and a
    column that counts where those are empty. `first` is what dates begin with, if not what their values tell.
    """
    columns: list[str | list[str]] = [[date.name, clock.name]] if clock else [date.name]
    dates = read_dates(date, first=first)
    formats = list(dates.formats) if dates else []
    if dates and clock:
        formats = [*with_clock(dates, clock), *formats]
    if fallback:
        columns.append(fallback.name)
        other = read_dates(fallback, first=first)
        formats += [fmt for fmt in (other.formats if other else ()) if fmt not in formats]
    rule: dict[str, Any] = {"columns": columns, "formats": formats, "time_zone": time_zone}
    days_only = dates is not None and clock is None and (not dates.timed or dates.midnight == 1)
    return rule | ({"precision": "day"} if days_only else {})
