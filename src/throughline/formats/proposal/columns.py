"""What can be said of one column of a sample: its name as words, and what its cells hold."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

_WORD_ENDS = re.compile(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+")


@dataclass(frozen=True)
class Column:
    """A column's name as it stands in the file, and its cells without outer blanks; "" where there is no value."""

    name: str
    cells: tuple[str, ...]

    @cached_property
    def words(self) -> str:
        """The name in lower case with single blanks: `DateOfDeath` and `date_of_death` are `date of death`."""
        return _WORD_ENDS.sub(" ", self.name).strip().lower()

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each value stands in the column, empty cells left out."""
        counts = Counter(self.cells)
        del counts[""]
        return counts

    @cached_property
    def filled(self) -> int:
        return self.counts.total()

    @property
    def is_unique(self) -> bool:
        return self.filled == len(self.cells) == len(self.counts)

    def share(self, test: Callable[[str], object]) -> float:
        """The share of the filled cells that pass a test; 0 for a column without any."""
        return sum(times for value, times in self.counts.items() if test(value)) / (self.filled or 1)

    def is_named(self, pattern: re.Pattern[str]) -> bool:
        return pattern.search(self.words) is not None


def named(columns: Iterable[Column], pattern: re.Pattern[str]) -> list[Column]:
    """The columns whose name matches, in their order, those without any value left out."""
    return [column for column in columns if column.is_named(pattern) and column.filled]


def rank(column: Column, preferences: tuple[re.Pattern[str], ...]) -> int:
    """The first preference that a column's name meets; their number where it meets none."""
    return next((n for n, pattern in enumerate(preferences) if column.is_named(pattern)), len(preferences))
