"""Registers the app."""

from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "throughline.public"
    label = "public"
