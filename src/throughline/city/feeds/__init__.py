"""Describes the simulated agencies' files, one module per kind of agency."""
