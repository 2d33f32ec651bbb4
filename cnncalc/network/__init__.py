"""A spec becomes a graph, a graph becomes a report."""
