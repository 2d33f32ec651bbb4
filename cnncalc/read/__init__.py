"""What is read as a network beside specs and chains: files of other tools, as data. One folder or module a format."""
