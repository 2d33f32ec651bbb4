"""What names outside the file mean: packages, modules and tensors."""
