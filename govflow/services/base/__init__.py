"""What every topic needs: the actor and their action, the project's snapshot, who may read what, keys, rate limits."""
