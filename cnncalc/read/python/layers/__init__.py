"""Modules of torch.nn: what they are made of, and their calls."""
