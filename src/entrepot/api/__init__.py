"""What callers meet: versions of the model's nouns (v3/, v4/), the core resources, and the rules that both share."""
