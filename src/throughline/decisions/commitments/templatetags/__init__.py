"""How templates show promises."""
