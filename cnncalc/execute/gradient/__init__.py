"""Derivatives of what the kernels compute: the rules that NumPy's own functions do not cover.

Each module bears the name of the kernels' module whose marked functions it differentiates. `trace` and `rules` stand
between NumPy and the library that knows its functions' derivatives; nothing here is imported before one is asked for.
"""

from cnncalc.execute.gradient import numpy_vjps as rules

__all__ = ["rules"]
