"""Where boxes stand: ranks, and frames inside frames."""
