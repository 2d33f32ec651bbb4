"""The JSON Schema of the spec language, made from the layer registry: editors complete and check specs with it."""
