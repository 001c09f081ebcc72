"""Registers the app."""

from django.apps import AppConfig


class SurveillanceConfig(AppConfig):
    name = "throughline.evidence.surveillance"
    label = "surveillance"
