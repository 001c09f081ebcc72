"""Taking back a delivery that should not have come: its events stop counting, and its files stay."""
