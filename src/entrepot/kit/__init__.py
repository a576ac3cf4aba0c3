"""What every connector stands on. A connector imports this, the model, msgspec and the standard library; nothing else."""
