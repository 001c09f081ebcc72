"""Links the records of one file, or of two: exact agreement first, then weights, then whole groups."""

from collections.abc import Mapping, Sequence

from throughline.science.linkage.certain import certain
from throughline.science.linkage.fields import Field, Kind, Values, fields_of
from throughline.science.linkage.splink_model import weigh
from throughline.science.linkage.weights import Pair, joined

NAMES = {Kind.GIVEN_NAME, Kind.SURNAME, Kind.NAME}
"""Alone they don't tell people apart."""


class NothingToCompareError(ValueError):
    """Too few columns that tell people apart are in every file."""


def link(files: Sequence[Mapping[str, Values]], *, least: float = 0.5) -> list[Pair]:
    """Pairs of rows of one person: within one file, or between two, each row counted in its own file from 0.

    files: columns by name, all of a length, None for what is missing; least: the lowest probability to give.
    Records are weighed within each of two files too: one that is like no other may be linked through its twin.
    Raises NothingToCompareError.
    """
    fields = _together([fields_of(columns) for columns in files])
    if not {field.kind for field in fields} - NAMES or len(fields) == 1:
        raise NothingToCompareError
    pairs = joined(weigh(fields) + certain(fields), least)
    if len(files) == 1:
        return sorted(pairs)
    second = len(next(iter(files[0].values())))
    return sorted((a, b - second, probability) for a, b, probability in pairs if a < second <= b)


def _together(files: Sequence[Mapping[Field, Values]]) -> dict[Field, list[str | None]]:
    """The fields of which all files tell something, the rows of one after those of the other."""
    return {
        field: [value for file in files for value in file[field]]
        for field in files[0]
        if all(any(file.get(field, ())) for file in files)
    }
