"""Registers the app."""

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "throughline.evidence.agreements"
    label = "agreements"
