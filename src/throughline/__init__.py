"""Throughline: from a signal to a finished, measured answer."""
