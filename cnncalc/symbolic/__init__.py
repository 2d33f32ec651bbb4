"""Free dimensions: the door to SymPy, floors, equality, inequalities, growth, printing."""
