"""`python -m throughline.cli` is `throughline`."""

from throughline.cli.main import main

main()
