"""What `print(model)` shows, as a network where it is a chain, and as counts everywhere else."""
