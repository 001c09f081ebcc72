"""Words of consents for templates."""
