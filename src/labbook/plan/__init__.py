"""What there is to do: studies, combinations, runs and packs, and what they cost."""
