"""Files of a user's in data and results, through every command that writes there."""

from pathlib import Path

from tests.workflow.small import SHORT, small

MINE = [
    "data/wine.csv",
    "data/raw/wine.csv",
    "data/raw/curve/mine.csv",
    "data/raw/curve/more/mine.csv",
    "data/prepared/mine.csv",
    "data/selected/mine.csv",
    "results/notes.md",
    "results/rates/mine.csv",
    "results/rates/figures/mine.png",
    "results/runs/mine.safetensors",
    "results/mine/runs.csv",
]


def test_a_user_s_files_stay(tmp_path: Path) -> None:
    project = small(tmp_path / "project", SHORT).under_version_control()
    folder = project.folder

    def put(*names: str) -> None:
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)

    def missing(names: list[str]) -> list[str]:
        paths = {name: folder / name for name in names}
        return [n for n, path in paths.items() if not path.exists() or path.read_text() != n]

    put(*MINE, "data/raw/curve/points.csv", "results/claims.csv")
    (folder / "results/link.csv").symlink_to("../data/wine.csv")
    for command in (["snakemake", "--cores", "1"], ["dvc", "repro"]):
        refused = project.run(*command, ok=False)
        assert "results/claims.csv: in the way of what labbook makes" in (
            refused.stdout + refused.stderr
        )
        assert refused.returncode != 0
        assert missing([*MINE, "data/raw/curve/points.csv", "results/claims.csv"]) == []
    (folder / "results/claims.csv").rename(folder / "claims.csv")
    said = project.snakemake(ok=False)
    assert "points.csv is in the way" in said
    assert "Move it to another place" in said
    assert missing([*MINE, "data/raw/curve/points.csv"]) == []
    (folder / "data/raw/curve/points.csv").rename(folder / "points.csv")
    project.snakemake()
    assert (folder / "results/link.csv").is_symlink()
    # An edit of what labbook made goes aside, and all is as before.
    made = (folder / "results/claims.csv").read_bytes()
    put("results/claims.csv")
    assert "moved to .labbook/attic" in project.snakemake()
    assert (folder / ".labbook/attic/results/claims.csv").read_text() == "results/claims.csv"
    assert (folder / "results/claims.csv").read_bytes() == made
    said = project.run("dvc", "repro").stdout
    assert "Data and pipelines are up to date." in project.run("dvc", "status").stdout, said
    project.commit("one")
    project.edit("[0.001, 0.01]", "[0.01]")  # what is no longer asked for is moved away
    put("results/later.md")
    assert "no work of labbook's" in project.run("dvc", "repro").stdout
    assert list((folder / ".labbook/attic/results/runs").iterdir())
    project.run("labbook", "tidy", "--yes")
    project.run("labbook", "prune", "--yes")
    assert missing([*MINE, "results/later.md"]) == []
    assert (folder / "results/link.csv").read_text() == "data/wine.csv"  # to DVC a copy
    project.commit("two")
    # What docs/agreement.md says of DVC: it brings back what it has recorded, and refuses to
    # remove what it has not.
    put("results/unrecorded.md")
    project.run("git", "checkout", "-q", "HEAD~1")
    refused = project.run("dvc", "checkout", ok=False)
    assert refused.returncode != 0
    assert "results/unrecorded.md" in refused.stdout
    assert missing([*MINE, "results/unrecorded.md"]) == []
    (folder / "results/unrecorded.md").unlink()
    project.run("dvc", "checkout")
    assert missing(MINE) == []
    assert missing(["results/later.md"]) == ["results/later.md"]
    project.run("git", "checkout", "-q", "main")
    project.run("dvc", "checkout")
    assert missing([*MINE, "results/later.md"]) == []
