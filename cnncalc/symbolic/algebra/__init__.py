"""A small algebra of whole sizes: sums and products with exact numbers, floors, the larger and the smaller of two.

Formulas are values: they are never changed, and equal ones are equal whichever way they came about. What follows from
one (its expanded form, its text) is worked out once and kept with it. Nothing here looks for clever forms; what is
made is bounded by who asks.
"""
