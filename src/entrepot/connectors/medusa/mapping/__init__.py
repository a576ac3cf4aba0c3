"""From Medusa's payload to the model and back, one file per noun. Pure."""
