"""Registers the app."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "throughline.evidence.quality"
    label = "quality"
