"""The interpreter: a part for each kind of syntax."""
