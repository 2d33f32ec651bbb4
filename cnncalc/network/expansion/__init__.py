"""What a user nests becomes a graph: blocks, repeats, branches and other specs are expanded."""
