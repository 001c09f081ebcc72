"""Registers the app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "throughline.ledger"
    label = "ledger"
