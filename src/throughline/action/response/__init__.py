"""The answer to a signal: acknowledge, plan, move, close."""
