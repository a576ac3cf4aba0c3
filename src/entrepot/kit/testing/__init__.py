"""What a connector is tested with: a fake clock, platforms that answer from a script, and a shop on top of both."""
