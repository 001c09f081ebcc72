"""What we decide: promises of named people."""
