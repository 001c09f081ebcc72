"""The numbers: what is rising, where, how fast, and whether it changed. Arrays in, frozen results out."""
