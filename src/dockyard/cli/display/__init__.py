"""What a person sees of a run: from the recorder's events, and nothing else."""
