"""A claim's verdict: its sides, the test of its form, the reasons in words."""
