"""Whose words a spec is written in: conventions, layouts, and how Keras says things."""
