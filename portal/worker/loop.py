"""The worker's lanes, index, letters and files: a slow mail server never keeps a text from being found."""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

import structlog
from flask import Flask

from portal.core.db import Database
from portal.jobs import actions as jobs
from portal.jobs.actions import Final
from portal.jobs.queries import has_due
from portal.search.index import IndexBusy
from portal.worker.handlers import HANDLERS, SYNC
from portal.worker.indexing import SYNC_BATCH, Keeper, Stopped
from portal.worker.keeping import right_of
from portal.worker.schedule import run_due, tasks

log = structlog.get_logger("portal.worker")

POLL = 0.2  # seconds between looks at the job table
LOOK_AT_INDEX = 1.0  # seconds between looks at whether the index is there
READ_INDEX = 60.0  # seconds, at least, between readings of the whole index from disk
PAUSE = 2.0  # seconds after something unforeseen, such as a database that is away
# As many letters as are surely sent within a lease, at ten seconds for each step of a dying server.
LETTERS = 5
# What takes long and much memory: done one at a time, in a lane of its own.
HEAVY = ("alert.published", "file.check", "follow.published", "pack.build", "translate.machine")


@dataclass(frozen=True)
class Claimed:
    """A job as it was claimed, apart from its unit of work."""

    id: int
    kind: str
    payload: dict[str, Any]


class Worker:
    """Does the jobs of `app`; `run` until `stop`, or `work_off` once for tests."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._database: Database = app.extensions["portal_database"]
        self._stopping = threading.Event()
        self._keeper = Keeper(app.extensions["portal_index"], self._database, self._stopping.is_set)
        self._right = right_of(app.extensions["portal_settings"], self._database)
        self._tasks = tasks(app.extensions["portal_settings"])
        self._look_at = self._read_at = 0.0

    def run(self) -> None:
        """Work until `stop` is called; returns when all lanes have put down what they held."""
        letters = threading.Thread(target=self._lane, args=(self._letters_turn,), name="letters")
        files = threading.Thread(target=self._lane, args=(self.check_due,), name="files")
        letters.start()
        files.start()
        log.info("worker_started", process=os.getpid())
        self._lane(self._index_turn)
        letters.join()
        files.join()
        self._right.release()
        log.info("worker_stopped", process=os.getpid())

    def stop(self) -> None:
        """Ask the lanes to finish what they are at; safe to call from a signal handler."""
        self._stopping.set()

    def work_off(self) -> None:
        """Do all that is due now, in this thread; to be called outside a unit of work."""
        while self.sync_due() or self.send_due() or self.check_due():
            pass

    def _lane(self, turn: Callable[[], bool]) -> None:
        while not self._stopping.is_set():
            try:
                wait = 0.0 if turn() else POLL
            except Stopped:
                return
            except Exception as error:
                log.exception("lane_stumbled", error=type(error).__name__)
                wait = PAUSE
            self._stopping.wait(wait)

    def _letters_turn(self) -> bool:
        return self.send_due()

    def _index_turn(self) -> bool:
        if not self._right.take():
            return False  # another worker keeps index and clock
        if not self._read_at:
            self._begin()
        self._watch_index()
        run_due(self._tasks, self._database)
        return self.sync_due()

    def _begin(self) -> None:
        """Take over from a worker that may have died."""
        with self._database.unit_of_work():
            jobs.release_leases(SYNC)
        self._quietly(self._keeper.catch_up)
        self._inspect()

    def _watch_index(self) -> None:
        moment = time.monotonic()
        if moment >= self._read_at:
            self._inspect()
        elif moment >= self._look_at:
            self._look_at = moment + LOOK_AT_INDEX
            self._quietly(self._keeper.ensure)

    def _inspect(self) -> None:
        began = time.monotonic()
        self._quietly(self._keeper.inspect)
        ended = time.monotonic()
        self._look_at = ended + LOOK_AT_INDEX
        # A large index takes seconds to read: it gets at most a fiftieth of the time.
        self._read_at = ended + max(READ_INDEX, 50 * (ended - began))

    def _quietly(self, step: Callable[[], None]) -> None:
        try:
            step()
        except IndexBusy:
            log.info("index_busy")

    def sync_due(self) -> bool:
        """Bring the index up to date with every contribution that a job names; True when any did."""
        claimed = self._claim(SYNC_BATCH, only=(SYNC,))
        if not claimed:
            return False
        wanted = {job.id: str(job.payload.get("contribution", "")) for job in claimed}
        try:
            failed = self._keeper.sync(list(dict.fromkeys(wanted.values())))
        except (IndexBusy, Stopped):
            self._postpone(claimed)
            return False
        except Exception as error:
            for job in claimed:
                self._failed(job, error)
            return True
        for job in claimed:
            if wanted[job.id] in failed:
                self._failed(job, failed[wanted[job.id]])
        self._finish([job for job in claimed if wanted[job.id] not in failed])
        return True

    def send_due(self) -> bool:
        """Do some of the other jobs that are due; True when there were any."""
        return self._do_some(self._claim(LETTERS, but=(SYNC, *HEAVY)))

    def check_due(self) -> bool:
        """Look at one file that came in, which may take a minute; True when there was one."""
        return self._do_some(self._claim(1, only=HEAVY))

    def _do_some(self, claimed: list[Claimed]) -> bool:
        for number, job in enumerate(claimed):
            if self._stopping.is_set():
                self._postpone(claimed[number:])
                break
            self._do(job)
        return bool(claimed)

    def _do(self, job: Claimed) -> None:
        handler = HANDLERS.get(job.kind)
        try:
            if handler is None:
                raise Final(f"nobody knows how to do {job.kind}")
            handler(self._app, job.payload)
        except Exception as error:
            self._failed(job, error)
            return
        self._finish([job])

    def _claim(self, limit: int, *, only: tuple[str, ...] = (), but: tuple[str, ...] = ()) -> list[Claimed]:
        with self._database.unit_of_work(write=False):
            if not has_due(only=only, but=but):
                return []
        with self._database.unit_of_work():
            return [Claimed(job.id, job.kind, job.payload) for job in jobs.claim(limit, only=only, but=but)]

    def _finish(self, done: list[Claimed]) -> None:
        with self._database.unit_of_work():
            for job in done:
                jobs.finish(job.id)
        log.info("jobs_done", jobs=[job.id for job in done], kinds=sorted({job.kind for job in done}))

    def _postpone(self, claimed: list[Claimed]) -> None:
        with self._database.unit_of_work():
            for job in claimed:
                jobs.postpone(job.id, timedelta(seconds=PAUSE))

    def _failed(self, job: Claimed, error: Exception) -> None:
        words = reason(error)
        with self._database.unit_of_work():
            jobs.fail(job.id, words, final=isinstance(error, Final))
        log.warning("job_failed", job=job.id, kind=job.kind, error=words)


def reason(error: Exception) -> str:
    """What went wrong, for the log and the secretariat, without anything that people wrote.

    Only messages of our own, of the system and of mail servers are repeated; of everything else
    (a database error carries its values) the kind and the place in our code.
    """
    if isinstance(error, (Final, OSError, SMTPException)):
        return f"{type(error).__name__}: {error}"[:500]
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "/portal/" in f.filename]
    place = f" at portal/{ours[-1].filename.rpartition('/portal/')[2]}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{place}"
