"""The hub of one process: a thread listens to PostgreSQL, streams get the events of their own groups.

Knows no Flask. What a page does with an event (it asks the list again) is the page's business; an event carries
task and case numbers only, never contents.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg
import structlog

log = structlog.get_logger("gridwhistle.live")

CHANNEL = "gridwhistle"
QUEUE_LENGTH = 200
RESYNC: Mapping[str, Any] = {"kind": "resync"}
"""Something was missed (the database was away, the page was too slow): ask everything again."""

ENDED: Mapping[str, Any] = {"kind": "ended"}
"""This process stops: the page comes back and finds another one."""


@dataclass(eq=False, slots=True)
class Stream:
    """One open page: what it may hear, and what it has not fetched yet."""

    person_id: str
    groups: frozenset[str]
    business_key: str | None = None
    inbox: queue.Queue[Mapping[str, Any]] = field(default_factory=lambda: queue.Queue(QUEUE_LENGTH))

    def wants(self, event: Mapping[str, Any]) -> bool:
        """Whether the event is about this page's case, or about a task of this person's."""
        if self.business_key is not None:
            return event.get("business_key") == self.business_key
        if self.person_id == event.get("assignee") or self.person_id in (event.get("users") or ()):
            return True
        return not self.groups.isdisjoint(event.get("groups") or ())

    def put(self, event: Mapping[str, Any]) -> None:
        """Queue the event; a page that does not fetch loses its backlog and hears `resync` instead."""
        try:
            self.inbox.put_nowait(event)
        except queue.Full:
            while not self.inbox.empty():
                self.inbox.get_nowait()
            self.inbox.put_nowait(event if event is ENDED else RESYNC)


class Hub:
    """Streams of this process. The listening thread starts with the first stream and ends with the last."""

    def __init__(self, url: str, limit: int) -> None:
        self.url = url
        self.limit = limit
        self._streams: set[Stream] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._streams)

    def join(self, stream: Stream) -> bool:
        """Add a stream. False: this process serves as many as it may."""
        with self._lock:
            if self._is_closed or len(self._streams) >= self.limit:
                return False
            self._streams.add(stream)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="live", daemon=True)
                self._thread.start()
            return True

    def leave(self, stream: Stream) -> None:
        """Remove a stream; leaving twice changes nothing."""
        with self._lock:
            self._streams.discard(stream)

    def close(self) -> None:
        """End every stream and take no more: the process is about to stop. Safe in a signal handler."""
        self._is_closed = True
        for stream in tuple(self._streams):
            stream.put(ENDED)

    def publish(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Hand events to the streams that want them."""
        with self._lock:
            streams = list(self._streams)
        for event in events:
            for stream in streams:
                if event is RESYNC or stream.wants(event):
                    stream.put(event)

    def _has_streams(self) -> bool:
        with self._lock:
            if self._streams:
                return True
            self._thread = None
            return False

    def _listen(self) -> None:
        wait, is_again = 0.5, False
        while self._has_streams():
            try:
                with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    if is_again:
                        self.publish([RESYNC])
                    wait, is_again = 0.5, True
                    if not self._forward(connection):
                        return
            except psycopg.OperationalError as error:
                log.warning("live connection lost", error=str(error).splitlines()[0] if str(error) else "")
                time.sleep(wait)  # the database is away: ask again, each time later
                wait, is_again = min(wait * 2, 10.0), True

    def _forward(self, connection: psycopg.Connection[Any]) -> bool:
        """Pass notifications on until no stream is left (False)."""
        while True:
            for notice in connection.notifies(timeout=5.0):
                self.publish(read_events(notice.payload))
            if not self._has_streams():
                return False


def read_events(payload: str) -> list[Mapping[str, Any]]:
    """The events of one notification; what cannot be read means that everything has to be asked again."""
    try:
        document = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return [RESYNC]
    events = document.get("events", [document]) if isinstance(document, dict) else document
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else [RESYNC]
