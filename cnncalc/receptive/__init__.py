"""What each output sees of the input."""
