"""The register of panels on the Today page: each app that has something to do today offers one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True)
class Panel:
    """A titled list on Today; `template` renders `context`, `urgency` 0 comes first."""

    title: Any
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    urgency: int = 5


PanelMaker = Callable[[Any, datetime], Panel | None]
_makers: list[PanelMaker] = []


def panel(maker: PanelMaker) -> PanelMaker:
    """Decorator for `maker(request, at) -> Panel | None` in an app's `today.py`."""
    _makers.append(maker)
    return maker


def panels_for(request: Any, at: datetime) -> list[Panel]:
    """What this person should see now, the most urgent first."""
    made = (maker(request, at) for maker in _makers)
    return sorted(
        (made_panel for made_panel in made if made_panel), key=lambda made_panel: made_panel.urgency
    )


def discover() -> None:
    autodiscover_modules("today")
