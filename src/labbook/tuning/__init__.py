"""Hyper-parameters chosen by labbook itself: each step is a pure function of those before."""
