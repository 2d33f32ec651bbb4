"""Tensors of a PyTorch program: sizes, the batch, and where the numbers lie."""
