"""How good a feed's data are, what to ask the agency, and by whom."""
