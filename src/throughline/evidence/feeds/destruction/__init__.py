"""Destroying what came through a feed once its agreements have ended, with a certificate."""
