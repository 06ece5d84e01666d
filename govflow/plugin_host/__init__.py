"""Finding plugins and judging with them, apart from everything else."""
