"""Registers the app."""

from django.apps import AppConfig


class CaseDefinitionsConfig(AppConfig):
    name = "throughline.evidence.case_definitions"
    label = "case_definitions"
