"""A layer read with numbers that carry a symbolic trace."""
