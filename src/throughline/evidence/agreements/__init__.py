"""Data-sharing agreements and the grants they yield."""
