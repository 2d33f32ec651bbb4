"""Networks as PyTorch code: `writer.py` makes the module, the others say what each layer is there."""
