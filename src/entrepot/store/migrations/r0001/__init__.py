"""All tables of the first release, frozen: later steps change them, nobody edits them."""
