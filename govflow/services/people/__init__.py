"""Organisations, projects, members and groups."""
