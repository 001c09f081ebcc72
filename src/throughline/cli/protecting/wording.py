"""Names what a cell of one or several tables counts."""

from collections.abc import Sequence

from throughline.cli.protecting.hierarchies import ALL
from throughline.cli.protecting.tables import Shape
from throughline.policy.frame import Group, Labels

_MOST = 3


def in_words(groups: Sequence[Group], shape: Shape, labels: Labels) -> str:
    """Such as "North, jan": each group by its name, by its labels, or ALL where it holds all of them."""
    return ", ".join(_name(group, shape, labels, number) for number, group in enumerate(groups))


def _name(group: Group, shape: Shape, labels: Labels, number: int) -> str:
    if len(group) > 1 and group == frozenset(labels[number]):
        return ALL
    named = [name for name, members in shape.groups_of(number).items() if members == group]
    parts = sorted(group)
    more = f" and {len(parts) - _MOST} more" if len(parts) > _MOST else ""
    return named[0] if named else " + ".join(parts[:_MOST]) + more
