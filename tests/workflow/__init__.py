"""Whole chains: Snakemake, DVC, Slurm, other users and machines."""

import pytest

pytest.register_assert_rewrite("tests.workflow.project", "tests.workflow.finished")
