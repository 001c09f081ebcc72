"""Registers the app."""

from django.apps import AppConfig


class ResponseConfig(AppConfig):
    name = "throughline.action.response"
    label = "response"
