"""`throughline link`: the records of one person, in one file or between two."""

from throughline.cli.linking.command import link

COMMANDS = [link]
"""The command `throughline link`."""
