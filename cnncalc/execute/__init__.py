"""What runs a network with NumPy."""

import os

# BLAS' threads keep a core busy while they wait for the next product: a tenth of a second long, which whatever else is
# shared between threads would have to do without. Told before NumPy is loaded, and as a power of 2 of the processor's
# cycles, they wait some fifty microseconds and sleep.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "17")
