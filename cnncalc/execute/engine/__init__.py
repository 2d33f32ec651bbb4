"""What makes the kernels fast: buffers, threads, im2col, Winograd."""
