"""House rules that are checks: short modules and functions, docstrings, names, who knows Flask and SQLAlchemy."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "portal").rglob("*.py"))
FORBIDDEN_NAMES = re.compile(r"(^|_)(utils?|helpers?|manager|service|handler_base)(_|$)")

FULL_TEXT = re.compile(r"tsquery|tsvector|ts_rank|ts_headline|@@ ", re.IGNORECASE)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module."""
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_is_short_says_what_lives_there_and_has_short_functions(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert len(source.splitlines()) <= 400
    assert ast.get_docstring(tree), "open with one sentence saying what lives here"
    assert not FORBIDDEN_NAMES.search(path.stem)
    for function in functions(tree):
        length = (function.end_lineno or 0) - function.lineno + 1
        is_factory = function.name == "install"  # registers several small handlers
        assert length <= 40 or is_factory, f"{function.name} has {length} lines"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_is_public_has_a_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    public = [
        n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")
    ]
    bare = [n.name for n in public if not ast.get_docstring(n)]
    assert bare == []


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.stem in {"views", "api"} or p.stem.endswith("_views")]
)
def test_views_know_no_sqlalchemy(path: Path) -> None:
    assert "sqlalchemy" not in path.read_text(encoding="utf-8")


def test_full_text_of_postgresql_is_known_to_its_own_package_alone() -> None:
    package = ROOT / "portal" / "search" / "postgres_index"
    for path in MODULES:
        if not path.is_relative_to(package):
            assert not FULL_TEXT.search(path.read_text(encoding="utf-8")), path


def test_templates_hold_no_inline_script_or_style() -> None:
    for path in (ROOT / "portal" / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if "mail" in path.parts:
            continue
        assert " style=" not in text, path
        assert "onclick=" not in text, path
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path


def test_no_file_names_a_package_index_or_a_path_of_a_machine() -> None:
    for path in [*ROOT.glob("requirements*.txt"), ROOT / "pyproject.toml", ROOT / "Makefile"]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!www\.w3\.org)", text), path
