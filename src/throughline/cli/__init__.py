"""The `throughline` command: a door without ideas of its own."""
