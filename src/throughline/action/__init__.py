"""What we do: answers to signals."""
