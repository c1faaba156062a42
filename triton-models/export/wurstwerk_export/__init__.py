"""Exports diffusers Würstchen v2 checkpoints to Triton model repositories."""
