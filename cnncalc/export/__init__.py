"""Networks in the words of other tools: one module a target, and no framework imported."""
