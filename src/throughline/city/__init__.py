"""Makes a simulated city whose truth is known, and writes the files that its agencies would send."""
