"""Reads columns of a table from pandas, polars or Arrow; a bad value is named by table, row and column."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from numbers import Real
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from throughline.science.scan.calendar import Days

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

A_DATE = "a date such as 2026-03-31"


@dataclass(frozen=True)
class Table:
    """A table and what to call it in errors."""

    name: str
    frame: nw.DataFrame[Any]

    def __len__(self) -> int:
        return len(self.frame)

    def has(self, column: str) -> bool:
        return column in self.frame.columns

    def column(self, name: str) -> nw.Series[Any]:
        if not self.has(name):
            there = ", ".join(map(str, self.frame.columns))
            raise ValueError(f"{self.name} need a column {name!r}; there are {there or 'none'}.")
        return self.frame[name]

    def check(self, column: str, good: NDArray[np.bool_], expected: str) -> None:
        """ValueError names the first row that isn't good."""
        wrong = np.flatnonzero(~good)
        if len(wrong):
            row = int(wrong[0])
            value = self.frame[column].to_list()[row]
            raise ValueError(
                f"{self.name}, row {row}, column {column!r}: expected {expected}, got {value!r}."
            )

    def identifiers(self, column: str) -> list[Hashable]:
        """No two alike."""
        values = self.column(column).to_list()
        first = {value: row for row, value in reversed(list(enumerate(values)))}
        self.check(column, ~self.column(column).is_null().to_numpy().astype(bool), "an identifier")
        again = np.array([first[value] == row for row, value in enumerate(values)], bool)
        self.check(column, again, "each place once")
        return values

    def numbers_of(self, column: str, identifiers: Sequence[Hashable]) -> Indices:
        """The number of each row's identifier."""
        known = {identifier: number for number, identifier in enumerate(identifiers)}
        numbers = np.array([known.get(value, -1) for value in self.column(column).to_list()], np.int64)
        self.check(column, numbers >= 0, "one of the identifiers of places")
        return numbers

    def floats(self, column: str, *, least: float, most: float = np.inf, expected: str) -> Floats:
        values = self.column(column)
        numbers = _floats(values) if values.dtype.is_numeric() else _floats_among(values.to_list())
        self.check(column, np.isfinite(numbers) & (numbers >= least) & (numbers <= most), expected)
        return numbers

    def counts(self, column: str) -> Indices:
        """One in each row, where there is no such column."""
        if not self.has(column):
            return np.ones(len(self), np.int64)
        expected = "a whole number, 0 or more"
        numbers = self.floats(column, least=0, expected=expected)
        self.check(column, numbers == np.rint(numbers), expected)
        return numbers.astype(np.int64)

    def days(self, column: str) -> Days:
        """Of dates, of instants (by their own clock), or of either as ISO 8601 text."""
        values = self.column(column)
        if isinstance(values.dtype, nw.Datetime):
            values = values.dt.replace_time_zone(None)
        if values.dtype in {nw.Date, nw.Datetime}:
            days = values.to_numpy().astype("datetime64[D]")
        else:
            days = _days_among(values.to_list())
        self.check(column, ~np.isnat(days), A_DATE)
        return days


def read_day(name: str, value: date | str) -> np.datetime64:
    """An argument; ValueError names it."""
    day = _day(value)
    if np.isnat(day):
        raise ValueError(f"{name} must be {A_DATE}, got {value!r}.")
    return day


def _floats(values: nw.Series[Any]) -> Floats:
    return values.cast(nw.Float64).to_numpy().astype(np.float64)


def _floats_among(values: list[Any]) -> Floats:
    return np.array([float(value) if isinstance(value, Real) else np.nan for value in values], np.float64)


def _days_among(values: list[Any]) -> Days:
    day_of = {value: _day(value) for value in set(values)}
    return np.array([day_of[value] for value in values], "datetime64[D]")


def _day(value: Any) -> np.datetime64:
    """Not a time where it is no date."""
    try:
        moment = value if isinstance(value, date) else datetime.fromisoformat(value)
        return np.datetime64(f"{moment:%Y-%m-%d}", "D")
    except (TypeError, ValueError):
        return np.datetime64("NaT", "D")
