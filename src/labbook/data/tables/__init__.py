"""From a CSV file to features and a target."""
