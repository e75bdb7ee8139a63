"""What people see of a tuning: a figure and a paragraph of each step."""
