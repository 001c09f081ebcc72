"""What we know: agreements, the feeds under them, and the watch that is kept over both."""
