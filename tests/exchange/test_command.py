"""`portal import-iati`: a verdict a row, and the counts in the last line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.exchange.samples import ONE_POINT_OH, activity, file_of
from tests.test_cli import Shell, shell
from tests.world import World

__all__ = ["shell"]
SHARED = Path(__file__).parents[3] / "shared" / "data" / "iati"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two programmes, one of which is not about customs."""
    made = tmp_path / "programmes.xml"
    made.write_bytes(file_of(activity(), activity("44000-P8", sector='<sector code="15112"/>')))
    return made


def test_a_file_is_judged_imported_and_known_again(
    shell: Shell, app: Flask, world: World, file: Path
) -> None:
    words = ("import-iati", str(file), "--organisation", "wb")
    dry = shell.run(*words, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert dry.output.splitlines() == [
        "44000-P1  Faster release of goods  created",
        "44000-P8  Faster release of goods  refused: None of its sectors is about customs or trade facilitation.",
        "created 1, updated 0, unchanged 0, conflict 0, refused 1",
    ]
    assert shell.run(*words).output == dry.output
    again = shell.run(*words).output.splitlines()
    assert again[-1] == "created 0, updated 0, unchanged 1, conflict 0, refused 1"


def test_a_file_that_breaks_off_exits_with_the_line_and_the_counts(
    shell: Shell, app: Flask, world: World, file: Path
) -> None:
    file.write_bytes(file.read_bytes()[:-40])
    told = shell.run("import-iati", str(file), "--organisation", "WB")
    assert told.exit_code == 1
    assert "wrong at line" in told.output
    assert told.stdout.splitlines()[-1].startswith("created ")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--organisation", "NONE"), "There is no organisation NONE."),
        (("--organisation", "WCO"), "Nobody writes for WCO."),
        (
            ("--organisation", "WB", "--as", "fijian@test.example"),
            "fijian@test.example does not write for WB.",
        ),
    ],
)
def test_whom_it_is_for_and_who_writes_has_to_be_somebody(
    shell: Shell, app: Flask, world: World, file: Path, more: tuple[str, ...], says: str
) -> None:
    told = shell.run("import-iati", str(file), *more)
    assert told.exit_code == 1 and says in told.output


def test_what_the_file_lacks_is_told_before_the_counts(
    shell: Shell, app: Flask, world: World, file: Path
) -> None:
    shell.run("import-iati", str(file), "--organisation", "WB", "--as", "partner@test.example")
    file.write_bytes(file_of())
    lines = shell.run("import-iati", str(file), "--organisation", "WB", "--complete").output.splitlines()
    assert lines[0].startswith("44000-P1  -  removed: The file does not have it any more")
    assert lines[-1] == "created 0, updated 0, unchanged 0, conflict 0, refused 0"


def test_real_files_that_lie_beside_the_repository_are_read_to_their_end(
    shell: Shell, app: Flask, world: World, tmp_path: Path
) -> None:
    """Their sectors are made trade facilitation, since none of them is about customs."""
    for source in [*sorted(SHARED.glob("*.xml")), _own_sample(tmp_path)]:
        text = re.sub(
            r'<sector [^>]*code="[0-9]+"', '<sector code="33120"', source.read_text(encoding="utf-8")
        )
        copy = tmp_path / f"copy-{source.name}"
        copy.write_text(text, encoding="utf-8")
        words = ("import-iati", str(copy), "--organisation", "JICA", "--as", "named@test.example")
        first, second = shell.run(*words), shell.run(*words)
        assert first.exit_code == second.exit_code == 0, first.output
        created, updated, unchanged, conflict, refused = _counts(first.output)
        assert created + updated + unchanged + refused == text.count("<iati-activity ") and conflict == 0
        assert _counts(second.output) == [0, 0, created + updated + unchanged, 0, refused]


def _own_sample(folder: Path) -> Path:
    made = folder / "own.xml"
    made.write_bytes(file_of(ONE_POINT_OH, version="1.05"))
    return made


def _counts(output: str) -> list[int]:
    return [int(part.split()[1]) for part in output.splitlines()[-1].split(", ")]
