"""What every template may know about the installation."""

from django.conf import settings
from django.http import HttpRequest


def installation(request: HttpRequest) -> dict[str, object]:
    return {"installation_name": settings.INSTALLATION_NAME, "simulated": settings.SIMULATED}
