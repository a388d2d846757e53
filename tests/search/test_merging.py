"""Merges: small ones within a commit, large ones beside it; nobody waits for either, nothing comes back."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.search.whoosh_index import WhooshIndex, merging
from portal.search.whoosh_index.scribes import Scribe
from tests.processes import children_of, is_there, wait_until
from tests.search.builders import document, fill, found

ROOT = Path(__file__).parents[2]
TIER = "abcdefgh"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an index that was built without documents."""
    WhooshIndex(tmp_path / "index").rebuild([])
    return tmp_path / "index"


@pytest.fixture
def all_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no merge be cheap enough for a commit."""
    monkeypatch.setattr(merging, "AT_ONCE", 0)


def live(folder: Path) -> Path:
    """The live subfolder."""
    return folder / (folder / "current").read_text().strip()


def segments(folder: Path) -> set[str]:
    """The names of the segments of the live index."""
    return {path.name for path in live(folder).glob("*.seg")}


def scribe_of(index: WhooshIndex) -> Scribe:
    """The process that merges."""
    scribe = index._merges._scribe
    assert scribe is not None
    return scribe


def scribe_or_none(index: WhooshIndex) -> Scribe | None:
    """The process that merges, if one does."""
    return index._merges._scribe


def state_of(pid: int) -> str:
    """What the system says of a process: T when it is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def pid_of(index: WhooshIndex) -> int:
    """The number of the process that merges."""
    return scribe_of(index)._process.pid


@pytest.fixture
def held(folder: Path, all_large: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[WhooshIndex]:
    """An index whose merge of eight segments is stopped in its middle."""
    monkeypatch.setenv("FAILPOINT", "in_merge:3")
    monkeypatch.setenv("FAILPOINT_SIGNAL", "SIGSTOP")
    index = WhooshIndex(folder)
    fill(index, *(document(one, f"transit {one * 3}") for one in TIER))
    monkeypatch.delenv("FAILPOINT")
    wait_until(lambda: state_of(pid_of(index)) == "T")
    yield index
    index._merges.stop()


def finish(index: WhooshIndex) -> None:
    """Let a merge that is held go on, wait till it is done, and adopt it with the next commit."""
    os.kill(pid_of(index), signal.SIGCONT)
    wait_until(scribe_of(index).is_done)
    index.sync("z", [document("z", "transit")])


def test_a_merge_that_is_held_holds_up_neither_searches_nor_publications(
    held: WhooshIndex, folder: Path
) -> None:
    another = WhooshIndex(folder)
    for number in range(5):
        held.sync("i", [document("i", f"transit round{number}")])
        for reader in (held, another):
            assert sorted(found(reader, "transit")) == [*TIER, "i"]
            assert found(reader, f"round{number}") == ["i"]
    assert state_of(pid_of(held)) == "T"
    before = segments(folder)
    finish(held)
    assert len(segments(folder)) <= len(before) - len(TIER) + 2
    assert sorted(found(another, "transit")) == [*TIER, "i", "z"]


def test_what_is_changed_or_removed_during_a_merge_stays_so(held: WhooshIndex, folder: Path) -> None:
    held.sync("b", [])
    held.sync("d", [document("d", "guarantee")])
    held.sync_many({"g": [], "h": [document("h", "guarantee", "fr")]})
    finish(held)
    for index in (held, WhooshIndex(folder)):
        index.check()
        assert sorted(found(index, "transit")) == ["a", "c", "e", "f", "z"]
        assert sorted(found(index, "guarantee")) == ["d", "h"]
        assert found(index, "ccc") == ["c"]
        assert not found(index, "bbb OR ddd OR ggg OR hhh")
    assert not scribe_or_none(held)


def test_a_merge_killed_in_its_middle_is_forgotten_and_made_again(held: WhooshIndex, folder: Path) -> None:
    first = scribe_of(held)
    os.kill(pid_of(held), signal.SIGKILL)
    wait_until(first.is_done)
    held.sync("i", [document("i", "transit")])
    assert not first.path.exists()
    again = scribe_of(held)
    wait_until(again.is_done)
    held.sync("j", [document("j", "transit")])
    assert len(segments(folder)) == 2
    assert sorted(found(held, "transit")) == [*TIER, "i", "j"]


@pytest.mark.parametrize("refused", [OSError("no more processes"), BrokenPipeError()])
def test_a_merge_that_cannot_begin_leaves_the_commit(
    folder: Path, all_large: None, monkeypatch: pytest.MonkeyPatch, refused: OSError
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise refused

    index = WhooshIndex(folder)
    with monkeypatch.context() as patch:
        patch.setattr(*(("subprocess.Popen", refuse) if refused.args else ("pickle.dump", refuse)))
        fill(index, *(document(one, "transit") for one in TIER))
    assert sorted(found(index, "transit")) == [*TIER]
    assert scribe_or_none(index) is None
    index.sync("i", [document("i", "transit")])
    wait_until(scribe_of(index).is_done)


def test_a_rebuild_ends_a_merge_of_what_it_replaces(held: WhooshIndex, folder: Path) -> None:
    pid = pid_of(held)
    held.rebuild([document("k", "transit")])
    assert not is_there(pid)
    held.sync("l", [document("l", "transit")])
    assert sorted(found(held, "transit")) == ["k", "l"]
    assert [path.name for path in folder.iterdir() if path.is_dir()] == [live(folder).name]


def test_a_merge_of_an_index_that_another_process_rebuilt_is_not_adopted(
    held: WhooshIndex, folder: Path
) -> None:
    WhooshIndex(folder).rebuild([document("k", "transit")])
    held.sync("l", [document("l", "transit")])
    assert sorted(found(held, "transit")) == ["k", "l"]
    assert scribe_or_none(held) is None


def test_a_merge_of_segments_that_another_process_merged_is_not_adopted(
    held: WhooshIndex, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "AT_ONCE", 10**6)
    WhooshIndex(folder).sync("k", [document("k", "transit")])
    assert len(segments(folder)) == 1
    finish(held)
    assert sorted(found(WhooshIndex(folder), "transit")) == [*TIER, "k", "z"]


def test_a_segment_that_is_mostly_deleted_is_made_small(folder: Path, all_large: None) -> None:
    index = WhooshIndex(folder)
    index.rebuild(document(one, "transit") for one in TIER)
    index.sync_many({one: [] for one in "abc"})
    assert scribe_or_none(index) is None
    index.sync_many({one: [] for one in "de"})
    wait_until(scribe_of(index).is_done)
    index.sync("f", [])
    assert sorted(found(index, "transit")) == ["g", "h"]
    (segment,) = index._newest().segments.values()
    assert len(segment.facts.slots) == 3


def test_a_segment_of_which_all_is_deleted_goes_with_the_commit(folder: Path, all_large: None) -> None:
    index = WhooshIndex(folder)
    index.rebuild(document(one, "transit") for one in TIER)
    index.sync_many({one: [] for one in TIER})
    assert segments(folder) == set()
    assert scribe_or_none(index) is None


def test_answers_stay_right_through_many_merges(folder: Path, all_large: None) -> None:
    chance = random.Random(4)
    index, held = WhooshIndex(folder), {f"{one}{digit}": "" for one in "abc" for digit in range(10)}
    adopted = 0
    for step in range(70):
        names = chance.sample(sorted(held), 2)
        held |= {
            names[0]: f"transit x{step} y{chance.randrange(5)}",
            names[1]: chance.choice(("", "transit")),
        }
        index.sync_many({one: [document(one, held[one])] if held[one] else [] for one in names})
        if scribe_or_none(index) and chance.random() < 0.4:
            wait_until(scribe_of(index).is_done)
            adopted += 1
        for word in ("transit", "y0", "y1", f"x{step}"):
            wanted = sorted(one for one, text in held.items() if word in text.split())
            assert sorted(found(index, word, per_page=50)) == wanted
    assert adopted > 2
    index.check()
    assert len(segments(folder)) < 30


def writing(folder: Path, code: str, **environment: str) -> subprocess.Popen[str]:
    """A process of its own that writes the index."""
    head = (
        "import signal, sys, time\nfrom pathlib import Path\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore it
        "from portal.search.whoosh_index import WhooshIndex, merging\n"
        "from tests.search.builders import *\nindex = WhooshIndex(Path(sys.argv[1]))\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", head + code, str(folder)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment},
    )  # fmt: skip


def test_a_merge_within_a_commit_that_is_held_holds_up_no_search(folder: Path) -> None:
    code = f"fill(index, *(document(one, 'transit') for one in {TIER + 'i'!r}))"
    writer = writing(folder, code, FAILPOINT="in_merge", FAILPOINT_SIGNAL="SIGSTOP")
    wait_until(lambda: state_of(writer.pid) == "T")
    index = WhooshIndex(folder)
    for _ in range(5):
        assert sorted(found(index, "transit")) == [*TIER]
    writer.send_signal(signal.SIGCONT)
    writer.communicate(timeout=60)
    assert writer.returncode == 0
    assert sorted(found(index, "transit")) == [*TIER, "i"]
    assert len(segments(folder)) == 1


@pytest.mark.parametrize("ended", [signal.SIGKILL, None], ids=["killed", "by itself"])
def test_a_writer_that_ends_leaves_no_process_that_merges(
    folder: Path, ended: signal.Signals | None, all_large: None
) -> None:
    code = f"""
merging.AT_ONCE = 0
fill(index, *(document(one, 'transit') for one in {TIER!r}))
print('merging', flush=True)
sys.stdin.readline()
"""
    writer = writing(folder, code)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "merging\n"
    (scribe,) = children_of(writer)
    if ended:
        writer.send_signal(ended)
    writer.communicate()
    wait_until(lambda: not is_there(scribe), patience=10)
    index = WhooshIndex(folder)
    index.sync("i", [document("i", "transit")])
    wait_until(scribe_of(index).is_done)
    index.sync("j", [document("j", "transit")])
    assert sorted(found(index, "transit")) == [*TIER, "i", "j"]
    assert [path.name for path in folder.iterdir() if path.is_dir()] == [live(folder).name]
