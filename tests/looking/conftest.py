"""A finished project for the tests here: `finished` is a copy in the current folder."""

from tests.made_project import finished, made_once

__all__ = ["finished", "made_once"]
