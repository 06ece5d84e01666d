"""Setting type: the only folder that makes PDF files."""
