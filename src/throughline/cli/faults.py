"""How a command says that something it was given is wrong."""

from pathlib import Path

import click


class Fault(click.ClickException):
    """One clear line; the command ends with 2."""

    exit_code = 2


def check_output(out: Path, *others: Path) -> None:
    """Raises Fault unless `out` can name a file, and another one than those that are read or written besides."""
    if not out.parent.is_dir() or out.is_dir():
        raise Fault(f"{out}: Expected the name of a file in a folder that exists.")
    if out.resolve() in {other.resolve() for other in others}:
        raise Fault(f"{out}: is named twice. Expected a file of its own for what is written.")
