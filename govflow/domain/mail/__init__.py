"""What emails say, and when."""
