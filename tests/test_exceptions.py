"""docs/exceptions.md draws every exception class of ours under its base."""

import builtins
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

from tests.conftest import CHECKOUT
from tests.test_layers import BELOW

Drawn = set[tuple[str, str, str]]  # base, class, file


def test_the_drawn_tree_has_every_exception_class_and_no_other() -> None:
    tree = drawn((CHECKOUT / "docs" / "exceptions.md").read_text(encoding="utf-8"))
    assert defined() == tree, "draw it in docs/exceptions.md"
    assert len(tree) > 15


def test_classes_in_the_tree_are_read_with_their_base() -> None:
    text = "```\nValueError\n├── A  rules/a.py  why\n└── _B  db/b.py  why\nOSError\n└── C  db/c.py  why\n```\n"
    assert drawn(text) == {
        ("ValueError", "A", "rules/a.py"),
        ("ValueError", "_B", "db/b.py"),
        ("OSError", "C", "db/c.py"),
    }


def drawn(text: str) -> Drawn:
    found: Drawn = set()
    base = ""
    for line in text.split("```")[1].strip().splitlines():
        if child := re.match(r"[├└]── (\w+) +(\S+\.py) +\S", line):
            found.add((base, child[1], child[2]))
        else:
            base = line
            assert re.fullmatch(r"[\w.]+", base), line
    return found


def defined() -> Drawn:
    found: Drawn = set()
    for name in modules():
        module = importlib.import_module(name)
        file = Path(inspect.getfile(module)).relative_to(CHECKOUT)
        for _, each in inspect.getmembers(module, inspect.isclass):
            if issubclass(each, BaseException) and each.__module__ == name:
                found.add((full_name(each.__base__), each.__name__, str(file)))
    return found


def modules() -> list[str]:
    rooms = [room for room in BELOW if (CHECKOUT / room).is_dir()]
    names = [*rooms]
    for room in rooms:
        names += [module.name for module in pkgutil.walk_packages([str(CHECKOUT / room)], f"{room}.")]
    return names


def full_name(base: type | None) -> str:
    assert base is not None
    return base.__name__ if hasattr(builtins, base.__name__) else f"{base.__module__}.{base.__name__}"
