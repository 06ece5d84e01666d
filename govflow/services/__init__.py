"""One function for each thing a person does: keyword-only, `by=` says who, one commit on the last line."""
