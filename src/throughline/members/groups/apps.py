"""Registers the app."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "throughline.members.groups"
    label = "groups"
