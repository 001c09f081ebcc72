"""How templates show answers."""
