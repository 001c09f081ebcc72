"""Which case definitions are in use, since when and by whom; what a change would do, before it is adopted."""
