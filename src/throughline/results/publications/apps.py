"""Registers the app."""

from django.apps import AppConfig


class PublicationsConfig(AppConfig):
    name = "throughline.results.publications"
    label = "publications"
