"""`throughline protect` and `throughline attack`: a table of counts made fit to publish, and put to the test."""

from throughline.cli.protecting.command import attack, protect

COMMANDS = [protect, attack]
