"""Registers the app."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "throughline.members.organizations"
    label = "organizations"
