"""What keeps processes running on one machine."""
