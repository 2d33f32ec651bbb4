"""ONNX files as networks: nodes are rows, initializers are weights, shape arithmetic is folded; nothing is run."""
