"""A small town for most tests, and the whole city where its size matters."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from throughline.city.build import CityFiles, build_city

UNTIL = date(2026, 10, 31)


@dataclass(frozen=True)
class Built:
    """A city in its folder, and its documents."""

    files: CityFiles

    def read(self, name: str) -> Any:
        return json.loads((self.files.folder / name).read_text(encoding="utf-8"))

    @cached_property
    def truth(self) -> Mapping[str, Any]:
        return self.read("truth.json")


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder: Path = tmp_path_factory.mktemp("town")
    return Built(build_city(folder, until=UNTIL, scale=0.25))


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder: Path = tmp_path_factory.mktemp("city")
    return Built(build_city(folder, until=UNTIL))
