"""Answers compared with the computed values, and the mistakes that explain wrong ones."""
