"""What a mapping keeps for case definitions, and how a feed of counts is read."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.mapping import MappingError, parse_mapping
from throughline.formats.tabular import read_tabular

HALVERN = Gazetteer([Place("08", 41.9, -87.7)])
RECEIVED = datetime(2026, 3, 12, tzinfo=UTC)


def read(folder: Path, text: str, **mapping: object) -> list[Event | Rejected]:
    path = folder / "feed.csv"
    path.write_text(text)
    document = {"occurred_at": {"columns": ["Date"], "time_zone": "UTC"}, **mapping}
    return list(read_tabular(path, parse_mapping(document), HALVERN, received_at=RECEIVED))


def test_codes_and_texts_are_kept_as_written_behind_the_name_of_their_element(tmp_path: Path) -> None:
    [event] = read(
        tmp_path,
        "Date,Dx,Complaint\n2026-03-07,T40.1X1A; F11.20,found DOWN\n",
        codes=[{"columns": ["Dx"], "name": "diagnosis", "split": ";"}],
        texts=[{"columns": ["Complaint"]}],
    )
    assert isinstance(event, Event)
    assert event.codes == ("diagnosis=T40.1X1A", "diagnosis=F11.20")
    assert event.texts == ("Complaint=found DOWN",)


def test_a_row_can_stand_for_many(tmp_path: Path) -> None:
    kits = {"measure": {"constant": "naloxone_kits"}, "quantity": {"columns": ["Kits"]}}
    event, zero, unreadable, negative, missing = read(
        tmp_path,
        'Date,Kits\n2026-03-07,"1,200"\n2026-03-08,0\n2026-03-09,some\n2026-03-09,-1\n2026-03-09,\n',
        count=kits,
    )
    assert isinstance(event, Event)
    assert isinstance(zero, Event)
    assert (event.measure, event.quantity, zero.quantity) == ("naloxone_kits", 1200, 0)
    assert [rejected.reason for rejected in (unreadable, negative, missing)] == [
        Reason.BAD_NUMBER,
        Reason.OUT_OF_RANGE,
        Reason.MISSING,
    ]


def test_a_source_can_take_a_record_back(tmp_path: Path) -> None:
    kept, deleted = read(
        tmp_path,
        "Date,Action\n2026-03-07,A\n2026-03-08,D\n",
        deleted={"columns": ["Action"], "codes": {"A": "no", "D": "yes"}},
    )
    assert isinstance(kept, Event)
    assert isinstance(deleted, Event)
    assert (kept.deleted, deleted.deleted) == (False, True)


def test_faults_name_the_setting(tmp_path: Path) -> None:
    with pytest.raises(MappingError) as error:
        read(tmp_path, "", codes=[{"columns": ["Dx"], "name": "a=b"}], count={"quantity": {"columns": ["n"]}})
    assert error.value.faults == (
        "codes[0].name: found 'a=b', expected a name without an equals sign.",
        "count.measure: found nothing, expected a value.",
    )
