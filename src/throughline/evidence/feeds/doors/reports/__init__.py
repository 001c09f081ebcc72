"""Reporting one overdose by hand or as JSON: four answers, as in ODMAP, that come in as a file of one row."""
