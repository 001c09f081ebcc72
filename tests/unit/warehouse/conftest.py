"""A warehouse, and short ways to fill it and to be granted a look."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from throughline.formats.event import EVENT_FIELDS, Event
from throughline.policy.sharing import COARSEST, Grant, Purpose, Request, Terms, decide
from throughline.warehouse import Staged, Warehouse, revisions

RECEIVED_AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(scope="module", params=["small", "large"])
def small_or_large(request: pytest.FixtureRequest) -> Iterator[None]:
    """Small feeds are read once; in large ones the rows that must be ordered are found first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(revisions, "_SMALL", 0 if request.param == "large" else revisions._SMALL)
        yield


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "warehouse")


@pytest.fixture
def grant() -> Callable[..., Grant]:
    """`grant("ems", {"place"})` allows the health department these fields of the feed; all, unless told."""

    def decided(feed: str = "ems", fields: Iterable[str] = EVENT_FIELDS, **limits: Any) -> Grant:
        terms = Terms(
            agreement="A-1",
            title="Sharing of EMS runs",
            feed=feed,
            provider="Fire department",
            recipients=frozenset({"Health department"}),
            purposes=frozenset({Purpose.SURVEILLANCE}),
            fields=frozenset(EVENT_FIELDS),
            minimum_cell=10,
            starts_on=date(2026, 1, 1),
            **limits,
        )
        request = Request(
            feed, "Health department", Purpose.SURVEILLANCE, frozenset(fields), date(2026, 3, 10), COARSEST
        )
        answer = decide(request, [terms])
        assert isinstance(answer, Grant)
        return answer

    return decided


@pytest.fixture
def deliver(warehouse: Warehouse) -> Callable[..., Staged]:
    """`deliver("d1", event, event)` puts a finished delivery into the warehouse."""

    def store(
        delivery: str,
        *events: Event,
        feed: str = "ems",
        received_at: datetime = RECEIVED_AT,
        usable_at: datetime | None = None,
    ) -> Staged:
        clocks = {"received_at": received_at, "usable_at": usable_at or received_at}
        with warehouse.stage(feed, delivery, mapping_version=1, **clocks) as stage:
            for event in events:
                stage.add(event)
            return stage.finish()

    return store
