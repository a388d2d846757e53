"""The worker: does what the job table asks for, and alone writes the search index."""

from portal.worker.loop import Worker

__all__ = ["Worker"]
