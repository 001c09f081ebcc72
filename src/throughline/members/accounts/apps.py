"""Registers the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "throughline.members.accounts"
    label = "accounts"
