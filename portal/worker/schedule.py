"""What the worker does by the clock, without a table: each task is safe to repeat after a restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from portal.attachments.actions import forget_loose
from portal.config import Settings
from portal.cooperation.actions import remind
from portal.cooperation.thread_queries import held_files
from portal.core.db import Database
from portal.editorial.actions import expire_claims
from portal.exchange.actions import hand_in_translations
from portal.files.actions import ask_to_sweep, expire_uploads
from portal.finding import missed
from portal.jobs.actions import sweep
from portal.lessons.actions import ask_whether_they_hold
from portal.notifications.actions import gather_digests
from portal.packs.actions import expire
from portal.translating import demand

log = structlog.get_logger("portal.worker")


@dataclass
class Task:
    """Something done every `every` seconds in a unit of work of its own."""

    name: str
    every: float
    action: Callable[[], object]
    next_at: float = field(default=0.0)


def tasks(settings: Settings) -> list[Task]:
    """All tasks of the portal, due at once."""
    return [
        Task("expire_claims", 60.0, expire_claims),
        Task("gather_digests", 60.0, lambda: gather_digests(settings.digest_hour)),
        Task("sweep_jobs", 3600.0, sweep),
        Task("ask_whether_lessons_hold", 3600.0, ask_whether_they_hold),
        Task("remind_of_cooperation", 3600.0, remind),
        Task("sweep_fallback_views", 86400.0, demand.sweep),
        Task("sweep_missed_searches", 86400.0, missed.sweep),
        Task("expire_uploads", 3600.0, expire_uploads),
        Task("forget_loose_files", 3600.0, lambda: forget_loose(held_files())),
        Task("expire_packs", 600.0, expire),
        Task("hand_in_translations", 600.0, hand_in_translations),
        Task("sweep_file_keys", 86400.0, ask_to_sweep),
    ]


def run_due(due: list[Task], database: Database, clock: Callable[[], float] = time.monotonic) -> None:
    """Run the tasks whose time has come; one that fails is logged and tried again next time."""
    for task in due:
        moment = clock()
        if moment < task.next_at:
            continue
        task.next_at = moment + task.every
        try:
            with database.unit_of_work():
                task.action()
        except Exception as error:
            log.exception("task_failed", task=task.name, error=type(error).__name__)
