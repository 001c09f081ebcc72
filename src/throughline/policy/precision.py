"""Says how roughly a field can be told, so that agreements can share less than the exact value."""

from collections.abc import Mapping
from types import MappingProxyType

PRECISIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "occurred_at": ("day", "month"),
        "place": ("zip3",),  # the first three characters of its code
        "latitude": ("hundredth",),  # of a degree, about a kilometre
        "longitude": ("hundredth",),
        "age": ("band",),  # the first age of its group of ten years
    }
)
"""Of each field that can be told roughly, the ways to do so, from the finest to the coarsest."""

RESTRICTED_ZIP3 = frozenset(
    f"{code:03}"
    for code in (
        *(36, 59, 63, 102, 203, 205, 369, 556, 692, 753, 772),
        *(790, 821, 823, 830, 831, 878, 879, 884, 890, 893),
    )
)
"""Areas of at most 20,000 people by the census of 2000 or of 2010, told as 000: 45 CFR 164.514(b)(2)(i)(B)."""


def coarseness(field: str, precision: str | None) -> int:
    """How roughly the field is told: 0 is exactly. Raises ValueError for a precision that the field can't have.

    >>> coarseness("occurred_at", None), coarseness("occurred_at", "month")
    (0, 2)
    """
    if precision is None:
        return 0
    known = PRECISIONS.get(field, ())
    if precision not in known:
        expected = ", ".join(known) or "its exact value"
        raise ValueError(f"The field {field} can't be told to the {precision}; expected: {expected}.")
    return known.index(precision) + 1


def coarsest(*precisions: Mapping[str, str]) -> dict[str, str]:
    """Of each field, the coarsest of its precisions; fields that all tell exactly are left out.

    >>> coarsest({"occurred_at": "day", "age": "band"}, {"occurred_at": "month"})
    {'occurred_at': 'month', 'age': 'band'}
    """
    result: dict[str, str] = {}
    for field, precision in (pair for one in precisions for pair in one.items()):
        result[field] = max(result.get(field, precision), precision, key=lambda one: coarseness(field, one))
    return result
