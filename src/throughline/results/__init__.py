"""What changed: measured effects and what is published of them."""
