"""Registers the app and finds every kind of signal."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SignalsConfig(AppConfig):
    name = "throughline.signals"
    label = "signals"

    def ready(self) -> None:
        autodiscover_modules("signal_kinds")
