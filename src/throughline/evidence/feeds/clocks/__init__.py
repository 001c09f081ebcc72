"""The clocks of feeds: when files should come, how late events are, and what was known on an earlier day."""
