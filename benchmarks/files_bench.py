"""Words of a 100-page PDF in the confined child against plain pypdf here; memory of taking a 50 MB file in.

One figure a line, each beside its baseline.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pypdf import PdfReader

ROOT = Path(__file__).parents[1]
PAGES = 100
SIZE = int(os.environ.get("BENCH_UPLOAD_BYTES", "50000000"))
LINE = "Advance rulings, single window and release times at the border, paragraph {} of page {}."

# A process of its own each, so that the peak is its own.
COPY = """
import shutil, sys
with open(sys.argv[1], "rb") as a, open(sys.argv[2], "wb") as b: shutil.copyfileobj(a, b, 262144)
"""
KEEP = """
import sys
from pathlib import Path
from portal.core.db import Database, new_id
from portal.core.access import Actor
from portal.files import actions
from portal.files.folder import Folder
database = Database("sqlite://")
actor = Actor(person_id=new_id())
with database.unit_of_work(), open(sys.argv[1], "rb") as source:
    actions.keep(actor, Folder(Path(sys.argv[2])), source, "large.pdf", 10**9)
"""
PEAK = """
import re
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
before = peak()
{}
print(before, peak())
"""
WORDS = """
import sys
from pathlib import Path
from portal.files import confined, extract
confined.confine()
extract.write(Path(sys.argv[1]), "application/pdf", Path(sys.argv[2]))
"""


def paper(pages: int) -> bytes:
    """A PDF of so many pages of forty lines."""
    from tests.files.samples import pdf

    return pdf(*["\n".join(LINE.format(i, p) for i in range(40)) for p in range(pages)])


def memory(program: str, *words: str) -> tuple[float, float]:
    """Peak megabytes of a process before and after it did its work, its imports done."""
    lines = program.strip().split("\n")
    imports = [line for line in lines if line.startswith(("import", "from"))]
    rest = [line for line in lines if line not in imports]
    whole = "\n".join([*imports, PEAK.replace("{}", "\n".join(rest))])
    command = [sys.executable, "-c", whole, *words]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    before, after = done.stdout.split()
    return float(before), float(after)


def extraction(folder: Path) -> None:
    """Time and memory of the words of a hundred pages."""
    from portal.files.confined import run_confined
    from portal.files.known import PDF

    source = folder / "paper.pdf"
    source.write_bytes(paper(PAGES))
    began = time.perf_counter()
    for page in PdfReader(io.BytesIO(source.read_bytes())).pages:
        page.extract_text()
    plain = time.perf_counter() - began
    began = time.perf_counter()
    is_well, _word = run_confined("portal.files.extract", str(source), PDF, str(folder / "words"))
    took = time.perf_counter() - began
    _before, peak = memory(WORDS, str(source), str(folder / "words"))
    ratio = took / plain
    print(f"files: words of {PAGES} pages {took:.2f} s, plain pypdf {plain:.2f} s, {ratio:.2f}x (bar 20 s)")
    print(f"files: memory for it {peak:.0f} MB in the child (bar 512 MB); ended well: {is_well}")


def upload(folder: Path) -> None:
    """Memory of keeping a large file, against a plain copy."""
    source = folder / "large.pdf"
    with source.open("wb") as out:
        out.write(b"%PDF-1.7\n")
        for _piece in range(SIZE // 1_000_000):
            out.write(os.urandom(1_000_000))
    before, after = memory(COPY, str(source), str(folder / "copy"))
    copied = after - before
    before, after = memory(KEEP, str(source), str(folder / "kept"))
    kept = after - before
    print(f"files: keeping {SIZE / 1e6:.0f} MB takes {kept:.1f} MB of memory, a plain copy {copied:.1f} MB")


if __name__ == "__main__":
    where = Path(tempfile.mkdtemp(prefix="bench-files-"))
    with contextlib.suppress(KeyboardInterrupt):
        extraction(where)
        upload(where)
    shutil.rmtree(where)
