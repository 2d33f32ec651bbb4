"""Networks with a mistake in them: rows with other options, other rows, the network run again."""
