"""Symbolic dimensions: floors, equality, inequalities, growth, printing; SymPy is imported here alone."""
