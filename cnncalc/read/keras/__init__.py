"""Keras' model.to_json() and the config.json of .keras files, as networks with Keras' layers; nothing is run."""
