"""Registers the app."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "throughline.evidence.exchange"
    label = "exchange"
