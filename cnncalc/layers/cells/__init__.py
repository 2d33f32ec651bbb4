"""Recurrent cells given by their equations."""
