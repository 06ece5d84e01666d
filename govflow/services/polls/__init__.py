"""Questions put to people: rounds, sealed ballots, what may be told of them."""
