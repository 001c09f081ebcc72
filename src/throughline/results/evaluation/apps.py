"""Registers the app."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "throughline.results.evaluation"
    label = "evaluation"
