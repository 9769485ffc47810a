# SPDX-License-Identifier: GPL-2.0-or-later
"""What importlib.metadata finds of an installed package: its entry points."""
import ast
import os
import pathlib

OURS = "xen_ephemeral_qubes"
QUBES = "qubes"

_OUR_FILE = pathlib.Path(__file__).resolve().parents[2] / "qubes" / "entry_points.txt"


def _words(node: ast.AST) -> list[str]:
    return [
        item.value
        for item in ast.walk(node)
        if isinstance(item, ast.Constant) and isinstance(item.value, str) and " = " in item.value
    ]


def _of_qubes() -> str:
    """Qubes' own, which are a dictionary in its setup.py."""
    source = pathlib.Path(os.environ["QUBES_SRC"]) / "setup.py"
    lines = []
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Dict):
            continue
        for key, value in zip(node.keys, node.values):
            name = str(getattr(key, "value", ""))
            if name.startswith("qubes."):
                lines += [f"[{name}]", *_words(value)]
    return "\n".join(lines)


def install(folder: pathlib.Path, *parts: str) -> None:
    """Makes the parts known to who has the folder in its path."""
    for part in parts:
        info = folder / f"{part}-0.dist-info"
        info.mkdir(parents=True)
        text = _of_qubes() if part == QUBES else _OUR_FILE.read_text(encoding="ascii")
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {part}\nVersion: 0\n", encoding="ascii"
        )
        (info / "entry_points.txt").write_text(text, encoding="ascii")
