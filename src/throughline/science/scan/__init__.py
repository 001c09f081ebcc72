"""Where and when do cases cluster, and how often would chance alone show as much? The spatial scan statistic."""

from throughline.science.scan.answering import ScanResult
from throughline.science.scan.clusters import Cluster, FoundEllipse
from throughline.science.scan.exposure import Exposure
from throughline.science.scan.geography import Ellipses
from throughline.science.scan.questions import (
    prospective_scan,
    space_time_scan,
    spatial_scan,
    temporal_scan,
)
from throughline.science.scan.settings import ScanCancelled

__all__ = [
    "Cluster",
    "Ellipses",
    "Exposure",
    "FoundEllipse",
    "ScanCancelled",
    "ScanResult",
    "prospective_scan",
    "space_time_scan",
    "spatial_scan",
    "temporal_scan",
]
