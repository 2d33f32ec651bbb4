"""Diagrams: boxes, arrows and frames, built from a report or from the inside of one layer, written in five formats."""
