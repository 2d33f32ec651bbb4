"""Answers compared with what is so, and the mistakes that explain wrong ones."""
