"""What happened, as a chain of lines that nobody can change unseen, and its checkpoints."""
