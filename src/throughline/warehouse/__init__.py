"""Keeps every revision of every event in columnar files; they open only with a grant."""

from throughline.warehouse.counts import DailyCounts, Timeliness
from throughline.warehouse.delays import DelayReader, MonthlyDelays
from throughline.warehouse.quality import Completeness, Delays, Lookalikes, Mix, QualityReader
from throughline.warehouse.reader import EventReader, NotGranted, open_events
from throughline.warehouse.records import Record, RecordReader
from throughline.warehouse.stage import DeliveryExists, Stage, Staged
from throughline.warehouse.store import Warehouse

__all__ = [
    "Completeness",
    "DailyCounts",
    "DelayReader",
    "Delays",
    "DeliveryExists",
    "EventReader",
    "Lookalikes",
    "Mix",
    "MonthlyDelays",
    "NotGranted",
    "QualityReader",
    "Record",
    "RecordReader",
    "Stage",
    "Staged",
    "Timeliness",
    "Warehouse",
    "open_events",
]
