"""From a count to its events, and from an event to the file and row that it came from."""
