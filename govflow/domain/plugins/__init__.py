"""What a plugin declares."""
