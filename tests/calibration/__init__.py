"""How often what labbook says is wrong, on made data whose truth is known: docs/calibration.md."""
