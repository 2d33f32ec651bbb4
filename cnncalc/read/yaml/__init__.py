"""YAML text to values with places."""
