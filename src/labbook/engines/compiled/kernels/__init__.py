"""The engine's machine code, written in Python: Numba compiles it once per machine (build.py).

Only build.py imports these modules. They compute on plain pointers, as C does: nothing is
allocated, no exception is raised, no object of Python is touched. No fast-math: every sum runs in
a fixed order, so equal inputs give equal bits whatever the width of the vector unit.
"""
