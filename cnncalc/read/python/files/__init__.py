"""Python files: parsed, followed into their imports, and the model in them chosen."""
