"""`make calibrate`: writes docs/calibration.md, a section of each module."""

from pathlib import Path

from tests.calibration import (
    best_set,
    chance,
    chosen,
    controls,
    datasets,
    looks,
    said,
    tuned,
    verdicts,
)

# How often each is tried: nominal rates then wander by about a point.
REPETITIONS = {
    verdicts: 500,
    looks: 200,
    best_set: 200,
    tuned: 200,
    chosen: 1000,
    chance: 500,
    datasets: 200,
    said: 200,
    controls: 500,
}

if __name__ == "__main__":
    lines = [line for part, times in REPETITIONS.items() for line in [*part.section(times), ""]]
    text = "\n".join(lines).rstrip("\n") + "\n"
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    Path("docs/calibration.md").write_text(text)
