"""How templates show agreements."""
