"""Exercises made from a network: questions in words, other numbers for each student, wrong answers to choose from."""
