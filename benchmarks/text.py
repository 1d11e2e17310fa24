"""Writing, measured: losses, perplexities, poems, throughput; into benchmarks/results/text.md.

    GATEWORK_DATA=DATA python benchmarks/text.py shakespeare tang poems throughput

GATEWORK_DATA names the folder of development data; trained models go to build/text/.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

TASKS = ("shakespeare", "tang", "poems", "throughput")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tasks", nargs="*", default=TASKS, metavar="TASK", help=", ".join(TASKS))
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    unknown = [task for task in arguments.tasks if task not in TASKS]
    if unknown:
        parser.error(f"there is no task {unknown[0]!r}: {', '.join(TASKS)}")
    data = Path(os.environ.get("GATEWORK_DATA", "../shared/data"))
    models = Path("build/text")
    models.mkdir(parents=True, exist_ok=True)
    for task in arguments.tasks:
        if task == "throughput":
            from texts import throughput

            throughput.run()
        elif task == "shakespeare":
            from texts import shakespeare

            shakespeare.run(data, models, arguments.seed)
        elif task == "tang":
            from texts import tang

            tang.run(data, models, arguments.seed)
        else:
            from texts import poems

            poems.run(data, models, arguments.seed)


if __name__ == "__main__":
    main()
