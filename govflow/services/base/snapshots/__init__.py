"""One snapshot of a project: what it is read from, how it is kept, and when another is made."""
