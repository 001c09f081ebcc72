"""How a command says that something it was given is wrong."""

import click


class Fault(click.ClickException):
    """One clear line; the command ends with 2."""

    exit_code = 2
