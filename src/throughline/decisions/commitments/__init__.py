"""Who will do what by when, and the proof that it was done."""
