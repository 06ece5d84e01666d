"""Questions put to people and what may be told of the answers."""
