"""Learning curves: their means, what they say in one number, and what to do about it."""
