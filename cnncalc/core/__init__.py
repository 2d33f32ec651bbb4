"""What rules are written in: numbers, terms, formulas, windows, options, problems and the layer itself."""
