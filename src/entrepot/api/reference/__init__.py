"""GET /docs: both documents as a page for people, shown by Scalar, which lies here and is served by us."""
