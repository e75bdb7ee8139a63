"""What people look at while work goes on, or after it failed: states, terminal, part of the page.

It reads files alone and disturbs no work.
"""
