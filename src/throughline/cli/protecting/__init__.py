"""A table of counts planned, made fit to publish, and put to the test: `plan-release`, `protect`, `attack`."""

from throughline.cli.protecting.command import attack, plan_release, protect

COMMANDS = [protect, attack, plan_release]
