"""Python's own functions, methods and operators, on values that are known."""
