"""Answers of students, which are data: numbers, arithmetic on numbers, shapes, arrays, truth values, formulas.

Nothing here knows the network: an answer has no names of it, no bounds and no tolerance, and reading one takes a
bounded number of steps. `read` gives what a text may mean, `hold` says whether that is the right value.
"""
