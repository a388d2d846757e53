"""What is Whoosh's own: damage, loss, full disks, killed writers, several processes, limits of time."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.search.index import IndexBusy, IndexUnavailable
from portal.search.query import parse
from portal.search.whoosh_index import WhooshIndex
from tests.search.builders import LETTERS, ask, document, fill, found
from tests.search.test_query import HOSTILE

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an index that holds three contributions, in three commits."""
    index = WhooshIndex(tmp_path / "index")
    index.rebuild([document("a", "transit window")])
    fill(index, document("b", "transit guarantee"), document("c", "transit border", "fr"))
    return tmp_path / "index"


def live(folder: Path) -> Path:
    """The live subfolder."""
    return folder / (folder / "current").read_text().strip()


def truncate(path: Path) -> None:
    """Cut a file in half."""
    os.truncate(path, path.stat().st_size // 2)


def zero(path: Path) -> None:
    """Overwrite a file with zeros."""
    path.write_bytes(bytes(path.stat().st_size))


def change_one_byte(path: Path) -> None:
    """Change one byte in the middle of a file, and leave its times as they were."""
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(before.st_size // 2)
        (byte,) = file.read(1)
        file.seek(before.st_size // 2)
        file.write(bytes([byte ^ 1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def empty(path: Path) -> None:
    """Make a file empty."""
    path.write_bytes(b"")


DAMAGES = [truncate, zero, change_one_byte, empty, Path.unlink]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("pattern", ["*.toc", "*.seg", "*.sums", "current"])
def test_damage_is_noticed_and_a_rebuild_mends_it(
    folder: Path, pattern: str, damage: Callable[[Path], None]
) -> None:
    held_open = WhooshIndex(folder)
    assert found(held_open, "transit", sort="newest") == ["a", "b", "c"]
    for path in sorted([*live(folder).glob(pattern), *folder.glob(pattern)]):
        saved, was_live = path.read_bytes(), live(folder)
        damage(path)
        fresh = WhooshIndex(folder)
        assert not fresh.is_ready()
        for _ in range(2):
            with pytest.raises(IndexUnavailable):
                fresh.search(parse("transit"), labels={"public"}, visible=LETTERS)
        with pytest.raises(IndexUnavailable):
            fresh.check()
        with pytest.raises(IndexUnavailable):
            fresh.sync("d", [document("d", "transit")])
        path.write_bytes(saved)
        assert live(folder) == was_live
        assert found(fresh, "transit", sort="newest") == ["a", "b", "c"]
    damage(max(live(folder).glob("*.seg")))
    held_open.rebuild([document("a", "transit"), document("e", "transit")])
    assert found(held_open, "transit") == ["a", "e"]
    assert found(WhooshIndex(folder), "transit") == ["a", "e"]
    held_open.check()


@pytest.mark.parametrize("damage", [truncate, zero, empty, Path.unlink], ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("pattern", ["*.toc", "*.seg"])
def test_an_open_index_notices_damage(folder: Path, pattern: str, damage: Callable[[Path], None]) -> None:
    index = WhooshIndex(folder)
    assert ask(index, "transit").total == 3
    damage(max(live(folder).glob(pattern)))
    with pytest.raises(IndexUnavailable):
        ask(index, "transit")


def test_a_lost_folder_is_missing_until_it_is_rebuilt(folder: Path) -> None:
    index = WhooshIndex(folder)
    folder.rename(folder.with_name("away"))
    with pytest.raises(IndexUnavailable) as missing:
        ask(index)
    assert missing.value.reason == "missing"
    index.rebuild([document("a", "transit")])
    assert found(index, "transit") == ["a"]


def test_an_index_of_another_version_is_not_read(folder: Path) -> None:
    current = folder / "current"
    other = live(folder).rename(folder / "999-abc")
    current.write_text("999-abc\n")
    with pytest.raises(IndexUnavailable) as old:
        ask(WhooshIndex(folder))
    assert old.value.reason == "old"
    WhooshIndex(folder).rebuild([document("a", "transit")])
    assert not other.exists()


@pytest.mark.parametrize("name", ["", "../elsewhere", "1-", "1-../x", "1-a/b", "x"])
def test_a_pointer_out_of_the_folder_is_not_followed(folder: Path, name: str) -> None:
    (folder / "current").write_text(name)
    with pytest.raises(IndexUnavailable):
        ask(WhooshIndex(folder))


def test_the_folder_is_for_its_owner_alone(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(live(folder).stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o722])
def test_a_folder_that_others_can_write_is_neither_read_nor_mended_in_place(folder: Path, mode: int) -> None:
    before = live(folder)
    folder.chmod(mode)
    for act in (ask, lambda index: index.sync("d", [document("d")])):
        with pytest.raises(IndexUnavailable) as unsafe:
            act(WhooshIndex(folder))
        assert unsafe.value.reason == "unsafe"
    WhooshIndex(folder).rebuild([document("a", "transit")])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not before.exists()
    assert found(WhooshIndex(folder), "transit") == ["a"]


def test_a_rebuild_removes_what_a_killed_one_left(folder: Path) -> None:
    (folder / "1-half").mkdir()
    (folder / "1-half" / "file").write_text("x")
    index = WhooshIndex(folder)
    index.rebuild([])
    assert sorted(path.name for path in folder.iterdir()) == sorted([live(folder).name, "current", "lock"])


def test_files_do_not_pile_up(folder: Path) -> None:
    index = WhooshIndex(folder)
    for number in range(50):
        index.sync("a", [document("a", f"transit x{number}")])
        ask(index, "transit")
    names = [path.name for path in live(folder).iterdir()]
    assert len([name for name in names if name.endswith(".seg")]) <= 10
    assert len(names) <= 14, sorted(names)


# Several processes


def run(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a process that knows the builders and the index in the folder of its first argument."""
    head = (
        "import sys\nfrom pathlib import Path\nfrom portal.search.whoosh_index import WhooshIndex\n"
        "from tests.search.builders import *\nindex = WhooshIndex(Path(sys.argv[1]), lock_seconds=0.2)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", head + code, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def output(process: subprocess.Popen[str]) -> str:
    """What a process printed, when it has ended well."""
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return printed.strip()


def test_what_another_process_wrote_and_deleted_is_seen_at_once(folder: Path) -> None:
    index = WhooshIndex(folder)
    assert found(index, "transit", sort="newest") == ["a", "b", "c"]
    output(run("index.sync('d', [document('d', 'transit')]); index.sync('a', [])", folder))
    assert found(index, "transit", sort="newest") == ["b", "c", "d"]
    output(run("index.rebuild([document('e', 'transit')])", folder))
    assert found(index, "transit") == ["e"]


def test_readers_answer_rightly_while_another_process_writes(folder: Path) -> None:
    code = """
for n in range(60):
    index.sync('d', [document('d', 'transit', days=n)])
    if n % 20 == 19:
        index.rebuild([document(one, 'transit') for one in 'abcd'])
"""
    index = WhooshIndex(folder)
    index.sync("d", [document("d", "transit")])
    writer = run(code, folder)
    searches = 0
    while writer.poll() is None:
        assert sorted(found(index, "transit")) == ["a", "b", "c", "d"]
        searches += 1
    output(writer)
    assert searches > 20


def test_threads_share_an_index_while_it_changes(folder: Path) -> None:
    index = WhooshIndex(folder)
    faults: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                for asked in ("transit", '"transit window" OR transit', "tran*", "transit OR border"):
                    if {"a", "b"} - set(found(index, asked)):
                        faults.append(asked)
            except Exception as error:
                faults.append(repr(error))
                return

    readers = [threading.Thread(target=read) for _ in range(6)]
    for reader in readers:
        reader.start()
    for number in range(25):
        index.sync("c", [document("c", "transit " * (number % 3))])
    done.set()
    for reader in readers:
        reader.join()
    assert faults == []


def test_a_forked_process_opens_its_own_files(folder: Path) -> None:
    code = """
import os
assert found(index, 'window') == ['a']
child = os.fork()
for _ in range(50):
    index._cache._kept.clear()
    assert sorted(found(index, 'transit')) == ['a', 'b', 'c']
    assert found(index, 'window') == ['a']
if child:
    assert os.waitpid(child, 0)[1] == 0
"""
    output(run(code, folder))


def test_a_second_writer_waits_and_then_says_that_it_is_busy(folder: Path) -> None:
    index = WhooshIndex(folder)
    messages: list[str] = []

    def documents():  # type: ignore[no-untyped-def]
        yield document("a", "transit")
        messages.append(
            output(
                run(
                    """
from portal.search.index import IndexBusy
for write in (lambda: index.sync('d', [document('d')]), lambda: index.rebuild([])):
    try:
        write()
    except IndexBusy:
        print('busy')
""",
                    folder,
                )
            )
        )

    index.rebuild(documents())
    assert messages == ["busy\nbusy"]
    with pytest.raises(IndexBusy):
        index.rebuild(WhooshIndex(folder, lock_seconds=0).sync("d", []) for _ in range(1))  # type: ignore[misc]
    index.sync("d", [document("d", "transit")])
    assert sorted(found(index, "transit")) == ["a", "d"]


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(folder: Path) -> None:
    code = """
n = int(sys.argv[2])
while True:
    n += 1
    index.sync(f'a{n % 10}', [document(f'a{n % 10}', f'transit x{n}')])
    print(n, flush=True)
    if n % 7 == 0:
        index.rebuild([document(f'a{m % 10}', f'transit x{m}') for m in range(n - 9, n + 1)])
"""
    index = WhooshIndex(folder)
    index.rebuild([document(f"a{n}", f"transit x{n}") for n in range(10)])
    last = 9
    for round_ in range(8):
        writer = run(code, folder, last)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(0.02 * round_ + 0.003)
        writer.send_signal(signal.SIGKILL)
        printed, _ = writer.communicate()
        last = int([first, *printed.split()][-1])
        index.check()
        held = {int(hit.edition_id[1]): hit for hit in ask(index, "transit").hits}
        assert len(held) == 10
        newest = {n % 10: n for n in range(last - 9, last + 1)}
        for digit, n in newest.items():
            # The one after the last acknowledged may or may not have been committed.
            either = {f"x{n}", f"x{n + 10}"} if n % 10 == (last + 1) % 10 else {f"x{n}"}
            assert any(f"a{digit}" in found(index, word) for word in either)
        last += 1 if found(index, f"x{last + 1}") else 0
        index.sync("b", [])


# A full disk


def test_a_full_disk_stops_a_write_and_nothing_else(folder: Path) -> None:
    code = """
import resource
before = sorted(found(index, 'transit'))
for limit in (0, 100, 400, 1000, 3000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for write in (lambda: index.sync('d', [document('d', 'transit ' + ' '.join(map(str, range(3000))))]),
                  lambda: index.rebuild([document('d', ' '.join(map(str, range(3000))))])):
        try:
            write()
            raise SystemExit(f'written at {limit}')
        except OSError:
            pass
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert sorted(found(index, 'transit')) == before
    assert len(list(next(p for p in Path(sys.argv[1]).iterdir() if p.is_dir()).iterdir())) <= 7
index.sync('d', [document('d', 'transit')])
index.check()
print(' '.join(sorted(found(index, 'transit'))))
"""
    assert output(run(code, folder)) == "a b c d"
    assert len([path for path in folder.iterdir() if path.is_dir()]) == 1
    assert len(list(live(folder).iterdir())) <= 7


# Cost


class Ticks:
    """A clock that counts how often it was asked."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """One more second each time."""
        self.now += 1
        return self.now


@pytest.mark.parametrize(
    "asked", ["transit", '"transit window"', "tran*", "transit OR border", "transit -border", "-border"]
)
def test_an_answer_cut_short_says_so_and_only_leaves_out(folder: Path, asked: str) -> None:
    whole = ask(WhooshIndex(folder), asked)
    assert whole.total
    assert not whole.incomplete
    partial = [ask(WhooshIndex(folder, budget=seconds, clock=Ticks()), asked) for seconds in range(40)]
    assert partial[0].incomplete
    assert partial[-1] == whole
    for answer in partial:
        assert {hit.contribution_id for hit in answer.hits} <= {hit.contribution_id for hit in whole.hits}
        assert answer.incomplete or answer == whole


def test_a_partial_reading_is_not_remembered(folder: Path) -> None:
    clock = Ticks()
    index = WhooshIndex(folder, budget=100, clock=clock)
    index._budget = 0
    assert ask(index, "transit").incomplete
    index._budget = 100
    assert ask(index, "transit").total == 3


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_queries_are_answered_or_refused(folder: Path, text: str) -> None:
    try:
        query = parse(text)
    except ValueError:
        return
    WhooshIndex(folder).search(query, labels={"public"}, visible=LETTERS, per_page=20)


def test_what_is_kept_in_memory_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = WhooshIndex(folder)
    monkeypatch.setattr(index._cache, "_limit", 3000)
    for number in range(200):
        ask(index, f"transit x{number}")
        index._allowed_to(index._newest(), frozenset({"public", f"org:{number}"}), LETTERS)
    assert index._cache._size <= 3000
    assert index._cache._size == sum(size for _, size in index._cache._kept.values())
    assert len(index._allowed) <= 128
