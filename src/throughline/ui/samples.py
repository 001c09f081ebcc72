"""Made-up content for the gallery."""

from typing import Any


def everything() -> dict[str, Any]:
    return {}
