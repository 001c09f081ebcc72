"""The rules' records can't be changed after they were checked."""

import dataclasses
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest

from throughline import policy


def records() -> Iterator[type]:
    for module in walk_packages(policy.__path__, "throughline.policy."):
        for found in vars(import_module(module.name)).values():
            if (
                isinstance(found, type)
                and dataclasses.is_dataclass(found)
                and found.__module__ == module.name
            ):
                yield found


@pytest.mark.parametrize("record", list(records()))
def test_a_record_is_frozen_and_takes_no_further_names(record: type) -> None:
    assert record.__dataclass_params__.frozen
    assert "__slots__" in vars(record)
