"""Who asks, and what the page is a function of: one read before anything else."""
