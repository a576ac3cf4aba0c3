"""The platforms, a folder each; found by the entry point group ``entrepot.connectors`` like anybody else's."""
