"""Models of torchvision.models that others build on."""
