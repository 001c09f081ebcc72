"""Keeps every revision of every event in columnar files; they open only with a grant."""

from throughline.warehouse.counts import DailyCounts, Timeliness
from throughline.warehouse.delays import DelayReader, MonthlyDelays
from throughline.warehouse.known import Known, KnownRecords
from throughline.warehouse.quality import Completeness, Delays, Lookalikes, Mix, QualityReader
from throughline.warehouse.reader import EventReader, NotGranted, open_events
from throughline.warehouse.records import Chosen, Record, RecordReader, Size
from throughline.warehouse.stage import DeliveryExists, Stage, Staged
from throughline.warehouse.store import Warehouse

__all__ = [
    "Chosen",
    "Completeness",
    "DailyCounts",
    "DelayReader",
    "Delays",
    "DeliveryExists",
    "EventReader",
    "Known",
    "KnownRecords",
    "Lookalikes",
    "Mix",
    "MonthlyDelays",
    "NotGranted",
    "QualityReader",
    "Record",
    "RecordReader",
    "Size",
    "Stage",
    "Staged",
    "Timeliness",
    "Warehouse",
    "open_events",
]
