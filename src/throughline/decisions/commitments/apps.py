"""Registers the app."""

from django.apps import AppConfig


class CommitmentsConfig(AppConfig):
    name = "throughline.decisions.commitments"
    label = "commitments"
