"""The vectors of electronic emission, computed apart from this program."""

import json
from pathlib import Path
from typing import Any, Final

VECTORS: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "emission_vectors.json").read_text(encoding="utf-8")
)
