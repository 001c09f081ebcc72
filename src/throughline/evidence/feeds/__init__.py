"""Files from agencies, received whole or not at all."""
