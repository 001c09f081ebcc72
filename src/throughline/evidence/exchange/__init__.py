"""Counts from one installation to another: under an agreement, signed, suppressed, and each answered once for ever."""
