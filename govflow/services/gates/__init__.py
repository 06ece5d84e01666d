"""The way out of a stage: evidence, sign-offs, waivers, moving on, and the evidence of it to take away."""
