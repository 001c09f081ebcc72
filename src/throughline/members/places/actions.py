"""What can be done to places."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from throughline.ledger.actions import record
from throughline.members.places.boundaries import BoundaryFile, point_inside, read_boundaries
from throughline.members.places.models import Place, PopulationStratum
from throughline.members.places.reading import (
    STANDARD_COLUMNS,
    PlaceColumns,
    PlaceFile,
    PlaceRow,
    read_places,
)
from throughline.members.tables import Fault

FIELDS = ["name", "kind", "parent", "latitude", "longitude", "boundary", "population"]
ROWS_PER_STATEMENT = 400


@dataclass(frozen=True)
class PlacesReceipt:
    """What an import did, or would do; with any fault, nothing is stored."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: tuple[Fault, ...] = ()


def import_places(
    *,
    by: object,
    at: datetime,
    table: Path | None = None,
    columns: PlaceColumns = STANDARD_COLUMNS,
    boundaries: Path | None = None,
    code_property: str = "code",
    default_kind: str = "place",
    check_only: bool = False,
) -> PlacesReceipt:
    """Create and update places by code, from a table, a GeoJSON file of boundaries, or both; all or nothing.

    What the files don't say stays as it is. A new place without a name is called by its code, one without a
    centroid gets a point inside its boundary. With `check_only`, the receipt says what would happen.
    Raises UnreadableFile for a file that can't be read as a whole.
    """
    read = read_places(table, columns) if table else PlaceFile("")
    shapes = read_boundaries(boundaries, code_property) if boundaries else BoundaryFile("")
    with transaction.atomic():
        known = {place.code: place for place in Place.objects.select_related("parent")}
        faults = [*read.faults, *_unknown_parents(read, known), *_cycles(read, known)]
        faults += [*shapes.faults, *_strangers(shapes, read, known)]
        if faults:
            return PlacesReceipt(faults=tuple(faults))
        rows = _rows_by_code(read, shapes, known)
        done = _store(rows, shapes, known, default_kind)
        if check_only:
            transaction.set_rollback(True)
        else:
            record("import_places", by=by, at=at, subject="places", detail=dict(done))
    return PlacesReceipt(**done)


def _rows_by_code(read: PlaceFile, shapes: BoundaryFile, known: Mapping[str, Place]) -> dict[str, PlaceRow]:
    bounded_only = shapes.shapes.keys() - read.places.keys()
    return read.places | {code: PlaceRow(0, code) for code in bounded_only}


def _unknown_parents(read: PlaceFile, known: Mapping[str, Place]) -> Iterator[Fault]:
    for place in read.places.values():
        if place.parent and place.parent not in read.places and place.parent not in known:
            yield Fault(
                read.name, place.row, "parent", place.parent, _("the code of a place in this file or known")
            )


def _strangers(shapes: BoundaryFile, read: PlaceFile, known: Mapping[str, Place]) -> Iterator[Fault]:
    for code, feature in shapes.features.items():
        if code not in read.places and code not in known:
            yield Fault(
                shapes.name, feature, "code", code, _("the code of a known place; import the places first")
            )


def _parents(rows: Mapping[str, PlaceRow], known: Mapping[str, Place]) -> dict[str, str]:
    stored = {code: place.parent.code for code, place in known.items() if place.parent}
    return stored | {code: row.parent for code, row in rows.items() if row.parent}


def _cycles(read: PlaceFile, known: Mapping[str, Place]) -> Iterator[Fault]:
    try:
        _sorter(_parents(read.places, known))
    except CycleError as fault:
        cycle: list[str] = fault.args[1]
        place = next(read.places[code] for code in cycle if code in read.places and read.places[code].parent)
        expected = _("a place that does not lie inside this one (%s)") % " → ".join(cycle)
        yield Fault(read.name, place.row, "parent", str(place.parent), expected)


def _sorter(parents: Mapping[str, str]) -> TopologicalSorter[str]:
    sorter = TopologicalSorter({code: [parent] for code, parent in parents.items()})
    sorter.prepare()
    return sorter


def _store(
    rows: Mapping[str, PlaceRow], shapes: BoundaryFile, known: dict[str, Place], default_kind: str
) -> Counter[str]:
    done: Counter[str] = Counter()
    strata = _known_strata(rows)
    for codes in _generations(rows, known):
        new: list[Place] = []
        changed: list[Place] = []
        for code in codes:
            is_new, place = code not in known, known.get(code) or Place(code=code)
            before = _values(place)
            _set(place, rows[code], shapes.shapes.get(code), known, default_kind)
            if is_new:
                new.append(place)
            elif before != _values(place) or not set(rows[code].strata) <= strata.get(code, set()):
                changed.append(place)
        known |= {
            place.code: place for place in Place.objects.bulk_create(new, batch_size=ROWS_PER_STATEMENT)
        }
        Place.objects.bulk_update(changed, FIELDS, batch_size=ROWS_PER_STATEMENT)
        done += Counter(
            created=len(new), updated=len(changed), unchanged=len(codes) - len(new) - len(changed)
        )
    _store_strata(rows, known)
    return done


def _generations(rows: Mapping[str, PlaceRow], known: Mapping[str, Place]) -> Iterator[list[str]]:
    """Parents before their children, so that each generation can be stored at once."""
    parents = _parents(rows, known)
    yield [code for code in rows if code not in parents]
    sorter = _sorter(parents)
    while sorter.is_active():
        ready = sorter.get_ready()
        yield [code for code in ready if code in rows and code in parents]
        sorter.done(*ready)


def _values(place: Place) -> list[Any]:
    return [getattr(place, name if name != "parent" else "parent_id") for name in FIELDS]


def _set(
    place: Place,
    row: PlaceRow,
    shape: Mapping[str, Any] | None,
    known: Mapping[str, Place],
    default_kind: str,
) -> None:
    for name in ("name", "kind", "latitude", "longitude", "population"):
        if (value := getattr(row, name)) is not None:
            setattr(place, name, value)
    place.name = place.name or place.code
    place.kind = place.kind or default_kind
    if row.parent:
        place.parent = known[row.parent]
    if shape:
        place.boundary = shape
        if place.latitude is None:
            place.latitude, place.longitude = point_inside(shape)


def _known_strata(rows: Mapping[str, PlaceRow]) -> dict[str, set[tuple[str, str, int]]]:
    if not any(row.strata for row in rows.values()):
        return {}
    strata: dict[str, set[tuple[str, str, int]]] = {}
    for code, *figure in PopulationStratum.objects.values_list(
        "place__code", "dimension", "value", "population"
    ):
        strata.setdefault(code, set()).add(tuple(figure))
    return strata


def _store_strata(rows: Mapping[str, PlaceRow], known: Mapping[str, Place]) -> None:
    PopulationStratum.objects.bulk_create(
        (
            PopulationStratum(place=known[row.code], dimension=dimension, value=value, population=population)
            for row in rows.values()
            for dimension, value, population in row.strata
        ),
        batch_size=ROWS_PER_STATEMENT,
        update_conflicts=True,
        unique_fields=["place", "dimension", "value"],
        update_fields=["population"],
    )
