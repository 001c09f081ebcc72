"""The entry of the `throughline` command."""

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughline.config.settings")
    django.setup()
    from throughline.cli.commands import throughline

    throughline()
