"""A rebuild by several processes: the same index as by one, and nothing left of it when anybody dies."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from whoosh.reading import SegmentReader

from portal.search.index import Document
from portal.search.whoosh_index import WhooshIndex, commits
from portal.search.whoosh_index.schema import schema
from portal.search.whoosh_index.scribes import ScribeDied
from portal.search.whoosh_index.storage import CheckedStorage
from tests.processes import children_of, is_there, wait_until
from tests.search import test_oracle as oracle
from tests.search.builders import document, found

ROOT = Path(__file__).parents[2]
CHUNK = 300


def world(count: int = 60) -> list[Document]:
    """Some contributions in up to three languages."""
    chance = random.Random(2012)
    return [one for number in range(count) for one in oracle.contribution(chance, f"c{number:03}")]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a rebuild cut its documents into many segments."""
    monkeypatch.setattr(commits, "CHUNK", CHUNK)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an index that was there before."""
    WhooshIndex(tmp_path / "index").rebuild([document("a", "transit")])
    return tmp_path / "index"


def own_children() -> set[int]:
    """The ids of the processes that this one has started and that run."""
    path = Path(f"/proc/{os.getpid()}/task")
    return {int(one) for task in path.glob("*/children") for one in task.read_text().split()}


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    """Whatever happens, no process outlives the rebuild."""
    before = own_children()
    yield
    assert own_children() <= before


def written(folder: Path) -> list[tuple[list[Any], list[Any]]]:
    """What Whoosh reads in each segment of the live index, in order: its documents, and all postings."""
    storage = CheckedStorage(folder / (folder / "current").read_text().strip())
    found = []
    for segment in storage.segments(storage.latest(), schema()):
        with closing(SegmentReader(storage, schema(), segment)) as reader:
            found.append((list(reader.iter_docs()), list(reader.iter_postings())))
    return found


def as_it_was(folder: Path) -> None:
    """Assert that the index that was there before answers, alone, and can be rebuilt."""
    index = WhooshIndex(folder, scribes=1)
    index.check()
    assert found(index, "transit") == ["a"]
    index.sync("b", [document("b", "transit")])
    assert sorted(found(index, "transit")) == ["a", "b"]
    assert index.rebuild(world()) == len(world())
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == [
        (folder / "current").read_text().strip()
    ]


def test_the_same_segments_are_written_by_any_number_of_processes(tmp_path: Path) -> None:
    folders = {count: tmp_path / str(count) for count in (1, 2, 3)}
    for count, path in folders.items():
        assert WhooshIndex(path, scribes=count).rebuild(iter(world())) == len(world())
    alone = written(folders[1])
    assert len(alone) > 6
    assert [stored["facts"][0] for docs, _ in alone for _, stored in docs] == [
        one.edition_id for one in world()
    ]
    assert written(folders[2]) == alone
    assert written(folders[3]) == alone
    names = {path.suffix for path in folders[2].glob("*/*")}
    assert names <= {".seg", ".toc", ".sums", ""}, "something was left in the folder"


@pytest.mark.parametrize("seed", [3, 8])
def test_what_processes_wrote_answers_by_the_rules(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "CHUNK", 600)
    oracle.test_answers_are_those_of_a_slow_reading_of_the_rules(
        WhooshIndex(tmp_path / "index", scribes=2), seed
    )


def test_a_rebuild_in_a_thread_of_its_own_is_done_by_processes(folder: Path) -> None:
    index = WhooshIndex(folder, scribes=2)
    seen: set[int] = set()

    def documents() -> Iterator[Document]:
        before = own_children()
        for one in world():
            yield one
            seen.update(own_children() - before)

    thread = threading.Thread(target=lambda: index.rebuild(documents()))
    thread.start()
    thread.join()
    assert len(seen) == 2
    assert index.document_ids() == {one.edition_id for one in world()}


@pytest.mark.parametrize(("scribes", "chunk"), [(1, CHUNK), (2, 10**6)])
def test_one_core_or_little_text_needs_no_process(
    folder: Path, scribes: int, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "CHUNK", chunk)
    monkeypatch.setattr(subprocess, "Popen", None)
    assert WhooshIndex(folder, scribes=scribes).rebuild(world()) == len(world())


def test_a_document_that_cannot_be_indexed_stops_the_rebuild_and_nothing_else(folder: Path) -> None:
    *most, last = world()
    with pytest.raises(ValueError, match="naive"):
        WhooshIndex(folder, scribes=2).rebuild([*most, replace(last, published_at=datetime(2024, 1, 1))])
    as_it_was(folder)


def test_a_rebuild_that_is_told_to_stop_leaves_nothing(folder: Path) -> None:
    class Stopped(Exception):
        """What the worker raises."""

    def documents() -> Iterator[Document]:
        yield from world()
        raise Stopped

    with pytest.raises(Stopped):
        WhooshIndex(folder, scribes=2).rebuild(documents())
    as_it_was(folder)


@pytest.mark.parametrize("point", ["before_segment", "before_segment:2"])
def test_a_killed_scribe_stops_the_rebuild_and_nothing_else(
    folder: Path, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILPOINT", point)
    with pytest.raises(ScribeDied):
        WhooshIndex(folder, scribes=2).rebuild(world())
    monkeypatch.delenv("FAILPOINT")
    as_it_was(folder)


def test_a_full_disk_stops_a_rebuild_by_processes_and_nothing_else(folder: Path) -> None:
    code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
try:
    index.rebuild(world())
except OSError as error:
    print(type(error).__name__)
"""
    assert rebuilding(folder, code).communicate(timeout=60)[0].strip() == "OSError"
    as_it_was(folder)


def rebuilding(folder: Path, code: str) -> subprocess.Popen[str]:
    """A process that runs `code`, which rebuilds the index with two scribes, in a group of its own."""
    head = (
        "import signal, sys, time\nfrom pathlib import Path\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore it
        "from portal.search.whoosh_index import WhooshIndex, commits\n"
        "from tests.search.test_scribes import world\n"
        f"commits.CHUNK = {CHUNK}\nindex = WhooshIndex(Path(sys.argv[1]), scribes=2)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", head + code, str(folder)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "end",
    [lambda parent: parent.kill(), lambda parent: os.killpg(parent.pid, signal.SIGINT)],
    ids=["killed", "interrupted"],
)
@pytest.mark.parametrize("moment", [0, 2])
def test_a_rebuild_whose_process_ends_leaves_no_other_and_the_index_as_it_was(
    folder: Path, end: Callable[[subprocess.Popen[str]], None], moment: int
) -> None:
    code = """
def forever():
    while True:
        yield from world()
        print('more', flush=True)
index.rebuild(forever())
"""
    parent = rebuilding(folder, code)
    assert parent.stdout is not None
    for _ in range(moment + 1):
        parent.stdout.readline()
    scribes = children_of(parent)
    assert len(scribes) == 2
    end(parent)
    parent.communicate()
    wait_until(lambda: not any(map(is_there, scribes)), patience=10)
    as_it_was(folder)
