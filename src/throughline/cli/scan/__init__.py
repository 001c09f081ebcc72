"""`throughline scan`: looks for clusters in files, without an installation."""

from throughline.cli.scan.command import scan

COMMANDS = [scan]
