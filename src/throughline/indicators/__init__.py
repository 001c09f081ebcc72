"""The numbers that are watched, one module each; a module is found because it declares an INDICATOR."""

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType

from throughline.indicators.indicator import Indicator

__all__ = ["INDICATORS", "Indicator"]


def _found() -> Iterator[Indicator]:
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        indicator = getattr(import_module(module.name), "INDICATOR", None)
        if isinstance(indicator, Indicator):
            yield indicator


INDICATORS: Mapping[str, Indicator] = MappingProxyType({indicator.key: indicator for indicator in _found()})
