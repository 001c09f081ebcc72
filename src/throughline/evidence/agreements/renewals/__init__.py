"""Agreements that end soon: who must renew them is told 90, 30 and 7 days ahead."""
