"""Registers the app."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "throughline.members.places"
    label = "places"
