"""Groups and their seats; a seat, not a person, carries a role."""
