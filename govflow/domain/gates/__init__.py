"""Checks, findings and what opens a gate."""
