"""Arrays in, numbers out: intervals, tests, power. Which is used where: docs/evidence.md."""
