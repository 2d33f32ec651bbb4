"""What a network costs: operations, memory, what is kept for the gradients; two networks side by side."""
