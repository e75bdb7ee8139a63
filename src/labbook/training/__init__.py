"""What all engines share: what a run is, run files, checkpoints, schedules, stopping."""
