"""richtext."""
