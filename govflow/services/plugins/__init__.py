"""Plugins as an organisation has them: switched on, set, and their pages."""
