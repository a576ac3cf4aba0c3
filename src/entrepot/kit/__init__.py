"""What every connector stands on: a connector imports this, the model, msgspec and the standard library."""
