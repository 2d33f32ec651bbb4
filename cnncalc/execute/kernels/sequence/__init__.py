"""Kernels of layers that read sequences: recurrent ones, attention, transformers, positions."""
