"""The entry of the `throughline` command."""

from throughline.cli.commands import throughline


def main() -> None:
    throughline()
