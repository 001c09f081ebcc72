"""Where: places with parents, boundaries and populations."""
