"""Opportunities to take part, and people who asked to be told of them."""
