"""The inside of a layer as a diagram."""
