"""Kernels of Keras' layers: channels last, Keras' weights."""
