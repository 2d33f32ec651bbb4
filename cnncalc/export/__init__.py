"""Networks in the words of other tools: one module per target; no framework is imported."""
