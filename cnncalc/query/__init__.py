"""Names and functions of expressions about an analysed network."""
