"""Registers the app."""

from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "throughline.evidence.feeds"
    label = "feeds"
