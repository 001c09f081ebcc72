"""`throughline read`: shows what would be received of a file, and stores nothing."""

from throughline.cli.read.command import read

COMMANDS = [read]
