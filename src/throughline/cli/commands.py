"""All commands in one group."""

import click

from throughline.cli import answer, demo, evidence, running, setting_up
from throughline.cli.door import Door


@click.group(cls=Door)
@click.version_option(package_name="throughline")
def throughline() -> None:
    """From a signal to a finished, measured answer."""


for module in (setting_up, evidence, answer, running, demo):
    for command in module.COMMANDS:
        throughline.add_command(command)
