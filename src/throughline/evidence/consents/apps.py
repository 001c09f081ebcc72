"""Registers the app."""

from django.apps import AppConfig


class ConsentsConfig(AppConfig):
    name = "throughline.evidence.consents"
    label = "consents"
