"""One rival on one workload in a process of its own: told "go", it trains and says how long.

`python -m bench.worker NAME WORKLOAD`; answers "ready", then a line of seconds per "go". Or
"missing ..." where what it needs is not installed.
"""

import sys
import time

from bench.rivals import MissingError, epochs_of_a_round, prepare
from bench.workloads import WORKLOADS


def main(name: str, workload_name: str) -> None:
    """Answer until the input ends."""
    workload = WORKLOADS[workload_name]
    try:
        train, models = prepare(name, workload)
    except ImportError as error:
        print(f"missing {error.name}", flush=True)
        return
    except MissingError as error:
        print(f"missing {error}", flush=True)
        return
    epochs = epochs_of_a_round(name, workload)
    train(max(1, epochs // 10))  # compiles, fills caches
    print("ready", flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        train(epochs)
        print((time.perf_counter() - began) / (epochs * models), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
