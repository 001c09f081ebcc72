"""`throughline demo`: a simulated city in which everything can be tried."""

from throughline.cli.demo.command import demo

COMMANDS = [demo]
