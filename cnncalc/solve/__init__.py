"""Sizes for which a condition holds."""
