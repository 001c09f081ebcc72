"""What needs an answer from a named person."""
