"""A small analysis in the reference's files: four places in a row, ten days, a cluster at the end in `b`."""

from collections.abc import Callable
from pathlib import Path

import pytest

SETTINGS = {
    "CaseFile": "study.cas",
    "CoordinatesFile": "study.geo",
    "PrecisionCaseTimes": "3",
    "StartDate": "2026/3/1",
    "EndDate": "2026/3/10",
    "CoordinatesType": "1",
    "AnalysisType": "4",
    "ModelType": "2",
    "TimeAggregationUnits": "3",
    "TimeAggregationLength": "1",
    "MaxTemporalSizeInterpretation": "1",
    "MaxTemporalSize": "3",
    "PValueReportType": "1",
    "MonteCarloReps": "99",
}
FILES = {
    "study.geo": "a 40.0 -75.0\nb 40.1 -75.0\nc 40.2 -75.0\nd 40.3 -75.0\n",
    "study.cas": "a 1 2026/3/1\na 1 2026/3/4\nc 1 2026/3/2\nc 1 2026/3/6\nd 2 2026/3/3\nd 1 2026/3/9\n"
    "b 1 2026/3/2\nb 2 2026/3/9\nb 3 2026/3/10\n",
    "study.pop": "a 2026 100\nb 2026 200\nc 2026 300\nd 2026 400\n",
    "study.ctl": "a 5 2026/3/1\nb 5 2026/3/4\nc 5 2026/3/7\nd 5 2026/3/10\n",
}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the analysis into a folder; settings and files (study_cas for study.cas) may differ or be None."""

    def write_analysis(settings: dict[str, str | None] | None = None, **files: str | bytes) -> Path:
        contents = FILES | {name.replace("_", "."): content for name, content in files.items()}
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        lines = [
            f"{key}={value}" for key, value in (SETTINGS | (settings or {})).items() if value is not None
        ]
        path = tmp_path / "study.prm"
        path.write_text("[Analysis]\n" + "\n".join(lines) + "\n")
        return path

    return write_analysis
