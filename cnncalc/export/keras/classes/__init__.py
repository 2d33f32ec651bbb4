"""Layers that Keras does not have, as classes that are written above a network."""
