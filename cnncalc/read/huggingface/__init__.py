"""Hugging Face's `config.json` as a network: one spec a family, with the config's names under `let`."""
