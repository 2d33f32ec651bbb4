"""What an editor shows of a network while it is written: shapes beside the lines, mistakes, completions, names."""
