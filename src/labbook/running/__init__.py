"""How a job is started and ended, and how far all of them are."""
