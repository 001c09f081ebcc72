"""Whether it worked."""
