"""The published npm client, compiled against its own types and played against running servers."""
