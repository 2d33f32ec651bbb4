"""PyTorch source as a network: its classes are followed by an interpreter of our own, and no line of it is ever run."""
