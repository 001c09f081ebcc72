"""How templates show signals."""
