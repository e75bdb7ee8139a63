"""What says that two things are the same: digests of settings, of code and of libraries."""
