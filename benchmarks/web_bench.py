"""Pages a second against a bare Flask+Jinja page of twenty records, on the same server in the same run.

Also: import time of the package, memory of a web process, and the time to the first page. One figure a line.
"""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from flask import Flask, render_template
from jinja2 import DictLoader

ROOT = Path(__file__).parents[1]
PASSWORD = "bench-Levante-42-mainlevee"
SECONDS = 1.0
ROUNDS = 7
CLIENTS = 4
MORE = int(os.environ.get("BENCH_CONTRIBUTIONS", "2000"))

BARE_PAGE = """<!doctype html><html lang="en"><head><title>Bare</title></head><body><h1>Records</h1>
{% for r in records %}<article><h2><a href="/{{ r.id }}">{{ r.title }}</a></h2><p>{{ r.summary }}</p>
<p>{{ r.organisation }} {{ r.date }}</p></article>{% endfor %}</body></html>"""

bare = Flask("bare")
bare.jinja_loader = DictLoader({"records.html": BARE_PAGE})


@bare.get("/")
def _records() -> str:
    """Twenty records, as little as a page of them can cost."""
    records = [
        {"id": i, "title": f"Record {i} about customs", "summary": "Words of a summary. " * 8,
         "organisation": "Some administration", "date": "24 Nov 2026"}
        for i in range(20)
    ]  # fmt: skip
    return render_template("records.html", records=records)


class Server:
    """One gunicorn with the portal's own options, on a free port."""

    def __init__(self, application: str, environment: dict[str, str]) -> None:
        self.port = _free_port()
        address = f"127.0.0.1:{self.port}"
        command = [sys.executable, "-W", "ignore", "-m", "gunicorn", application, "--bind", address,
                   "--worker-class", "gthread", "--workers", "1", "--threads", "8", "--no-control-socket",
                   "--log-level", "error"]  # fmt: skip
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
        _wait_for(self.port)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()

    def memory(self) -> float:
        """Resident megabytes of the process that answers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        status = Path(f"/proc/{children[0]}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0.0


def rate(port: int, path: str, cookie: str = "") -> float:
    """Answers a second with CLIENTS connections that are kept open."""
    _fetch(port, path, cookie)
    counts = [0] * CLIENTS
    end = time.perf_counter() + SECONDS

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < end:
            connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, (path, answer.status)
            counts[number] += 1

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def main() -> None:
    """Set up a world, serve it, measure."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        environment = {"DATA": folder, "DEMO_PASSWORD": PASSWORD, "RATE_LIMITS": "off"}
        _portal(environment, "demo", "--contributions", str(MORE))
        _portal(environment, "reindex")
        _import_time()
        plain = Server("benchmarks.web_bench:bare", {})
        portal = Server("wsgi:app", environment)
        cookie = _sign_in(portal.port)
        foreign = _fetch(portal.port, "/en/search?region=AP", "")[1]
        found = re.search(r"/en/contributions/([0-9a-z]{16})", foreign)
        assert found is not None
        pages = {
            "home": "/en/",
            "contribution": f"/en/contributions/{found[1]}",
            "search": "/en/search?q=customs+release",
        }
        for name, path in pages.items():
            for who, given, bar in (("visitor", "", 0.5), ("signed in", cookie, 0.33)):
                # Turn and turn about, since the machine's own pace changes from second to second.
                rounds = [(rate(portal.port, path, given), rate(plain.port, "/")) for _ in range(ROUNDS)]
                share = median(pace / baseline for pace, baseline in rounds)
                pace, baseline = (median(column) for column in zip(*rounds, strict=True))
                print(f"{name}, {who}: {pace:.0f} pages/s, bare Flask+Jinja page of twenty records "
                      f"{baseline:.0f}, ratio {share:.2f} (bar {bar})")  # fmt: skip
        print(f"memory of the web process after the above: {portal.memory():.0f} MB (bar 150)")
        portal.stop()
        plain.stop()


def _import_time() -> None:
    took = []
    for _round in range(3):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-W", "ignore", "-c", "import portal.app"], cwd=ROOT, check=True)
        took.append(time.perf_counter() - began)
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import flask, sqlalchemy"], cwd=ROOT, check=True)
    base = time.perf_counter() - began
    print(f"import of the portal: {min(took):.2f} s, flask and sqlalchemy alone {base:.2f} s (bar 1 s)")


def _portal(environment: dict[str, str], *words: str) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "portal", *words]
    subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL
    )


def _fetch(port: int, path: str, cookie: str, body: str | None = None) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Cookie": cookie} if cookie else {}
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("POST" if body is not None else "GET", path, body, headers)
    answer = connection.getresponse()
    cookies = answer.getheader("Set-Cookie") or ""
    return answer.status, answer.read().decode(), cookies.partition(";")[0]


def _sign_in(port: int) -> str:
    _status, page, cookie = _fetch(port, "/en/sign-in", "")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token[1], "email": "analyst@worldbank.example", "password": PASSWORD}
    status, _page, signed = _fetch(port, "/en/sign-in", cookie, urlencode(form))
    assert status == 303, status
    # The first page gives the new session its form token; a browser keeps that cookie, too.
    return _fetch(port, "/en/", signed)[2] or signed


def _free_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: int) -> None:
    for _try in range(150):
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/")
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    main()
