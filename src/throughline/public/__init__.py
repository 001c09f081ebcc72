"""The anonymous site: reads publications, nothing else."""
