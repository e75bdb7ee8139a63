"""The one exception that labbook shows to people."""


class LabbookError(Exception):
    """Something the user can mend. The command line prints its text and exits with 1.

    The text says what is wrong, where, what was found, what is allowed and what to do next.
    """
