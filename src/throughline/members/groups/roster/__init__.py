"""The roster: one table of people, their organizations and their seats, as project managers keep it."""
