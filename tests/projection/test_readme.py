"""The example of the README, run as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import orjson

CHECKOUT = Path(__file__).parents[2]


def test_the_example_answers(toys_url: str, tmp_path: Path) -> None:
    readme = (CHECKOUT / "projection/README.md").read_text()
    example, printed = re.findall(r"```(?:python|json)\n(.*?)```", readme, re.DOTALL)
    script = tmp_path / "example.py"
    script.write_text(example)
    environment = {**os.environ, "DATABASE_URL": toys_url, "PYTHONPATH": str(CHECKOUT)}
    run = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert orjson.loads(run.stdout) == orjson.loads(printed)
