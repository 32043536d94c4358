# SPDX-License-Identifier: Apache-2.0
"""Queries that have been started, and all of them together."""

import atexit
import json
import os
import shutil
import sys
import threading
import time
import uuid
import weakref
from typing import Any, Dict, List, Optional, Set, Tuple

from holdfast import _engine
from holdfast.errors import PySparkTypeError, PySparkValueError, StreamingQueryException, not_offered
from holdfast._failures import from_engine, is_of_user_code, own_frames
from holdfast._looking import refuse_if_looking
from holdfast.sql.streaming.listener import ListenerTarget, StreamingQueryListener, tell_of_failed_start
from holdfast.sql.streaming.progress import StreamingQueryProgress
from holdfast.sql.streaming.progress_line import SECONDS, line_for

__all__ = ["StreamingQuery", "StreamingQueryManager"]

# Failures that a start finds and Spark only when the query runs: user code and the schemas of state.
_FOUND_LATER = ("user", "incompatible")


class StreamingQuery:
    """A query that runs, or has ended."""

    def __init__(self, query: Any, name: str, failure: Any = None, conf: Any = None) -> None:
        self._query = query
        self._ids = ("", "") if query is not None else (str(uuid.uuid4()), str(uuid.uuid4()))  # of one that never ran
        self._name = name or None
        self._failure = failure  # of a query that failed before it ran
        self._conf = conf  # of the session, where somebody may look on
        self._ends_by_itself = False
        self._is_told = False  # whether somebody has asked for its failure
        self._temporary: Optional[str] = None  # the directory of a checkpoint that nobody has named

    @property
    def id(self) -> str:
        """The same for every run on a checkpoint."""
        return self._query.id if self._query is not None else self._ids[0]

    @property
    def runId(self) -> str:
        return self._query.run_id if self._query is not None else self._ids[1]

    @property
    def name(self) -> Optional[str]:
        return self._name

    @property
    def isActive(self) -> bool:
        return self._query is not None and self._query.is_active

    def awaitTermination(self, timeout: Optional[float] = None) -> Optional[bool]:
        """Waits until the query has ended, at most so many seconds; with a timeout says whether it has. Ctrl-C stops
        the query and is raised."""
        if timeout is not None:
            if not isinstance(timeout, (int, float)) or timeout <= 0:
                raise PySparkValueError(
                    errorClass="VALUE_NOT_POSITIVE",
                    messageParameters={"arg_name": "timeout", "arg_value": type(timeout).__name__},
                )
        ended = True
        if self._query is not None:
            try:
                ended = self._await_end(timeout)
            except KeyboardInterrupt:
                self._query.stop_now(_on_main_thread())
                raise
        if ended:
            failure = self.exception()
            if failure is not None:
                raise failure
        return None if timeout is None else ended

    def _await_end(self, timeout: Optional[float]) -> bool:
        line = line_for(self, self._conf)
        if line is None:
            return self._query.await_end(None if timeout is None else int(timeout * 1000))
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            while True:
                left = SECONDS if deadline is None else min(SECONDS, deadline - time.monotonic())
                if self._query.await_end(max(0, int(left * 1000))):
                    return True
                if left < SECONDS:
                    return False
                line.draw((self._query.recent_progress() or [None])[-1])
        finally:
            line.clear()

    @property
    def status(self) -> Dict[str, Any]:
        """Of a query that runs only that it does: what it is at is not known here."""
        if self.isActive:
            return _RunningStatus(message="Running")
        failure = self._failure if self._query is None else self._query.failure()
        message = "Stopped" if failure is None else "Terminated with exception: " + (
            str(failure) if self._query is None else failure[2]
        )
        return {"message": message, "isDataAvailable": False, "isTriggerActive": False}

    @property
    def recentProgress(self) -> List[StreamingQueryProgress]:
        if self._query is None:
            return []
        return [StreamingQueryProgress.fromJson(json.loads(text)) for text in self._query.recent_progress()]

    @property
    def lastProgress(self) -> Optional[StreamingQueryProgress]:
        texts = self._query.recent_progress() if self._query is not None else []
        return StreamingQueryProgress.fromJson(json.loads(texts[-1])) if texts else None

    def processAllAvailable(self) -> None:
        """Waits until all that was in the sources is processed; raises why the query failed, if it did."""
        if self._query is not None:
            self._query.process_all_available(_on_main_thread())
        failure = self.exception() if not self.isActive else None
        if failure is not None:
            raise failure

    def stop(self) -> None:
        """Ends the query after the batch it is in."""
        if self._query is not None:
            self._query.stop(_on_main_thread())

    def exception(self) -> Optional[StreamingQueryException]:
        """Why the query failed, with what the user's code threw as its cause; None while it runs or when it ended
        well."""
        self._is_told = self._is_told or not self.isActive
        if self._query is None:
            return self._failure
        failure = self._query.failure()
        if failure is None:
            return None
        kind, condition, message, thrown = failure
        return query_exception(kind, condition, message, thrown, self)

    def _end(self) -> None:
        """At the interpreter's exit: stops the query if it runs, waits for its thread, and says of a failure that nobody
        has asked about that there was one."""
        if self._query is not None:
            self._query.stop_now(_on_main_thread())
        if not self._is_told:
            failure = self.exception()
            if failure is not None:
                print(f"holdfast: a query failed, and nobody asked for it: {failure}", file=sys.stderr)

    def _tidy(self) -> None:
        """Removes a checkpoint that nobody has named, unless the query runs or failed (Spark 4.3 keeps that of a failure)."""
        if self._temporary is not None and self._query is not None and not self.isActive:
            if self._query.failure() is None:
                shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None

    def explain(self, extended: bool = False) -> None:
        progress = self.lastProgress
        print("No physical plan. Waiting for data." if progress is None else progress.prettyJson)

    def _repr_html_(self) -> str:
        from holdfast.sql.streaming.query_html import query_html

        return query_html(self)


class _RunningStatus(Dict[str, Any]):
    """A status without what is not known, which it names when it is asked for."""

    def __missing__(self, key: str) -> Any:
        if key not in ("isDataAvailable", "isTriggerActive"):
            raise KeyError(key)
        raise not_offered(
            f"StreamingQuery.status[{key!r}] of a query that runs",
            "Ask isActive, lastProgress or a StreamingQueryListener.",
        )


def query_exception(kind: str, condition: str, message: str, thrown: Any, query: Any = None) -> StreamingQueryException:
    """The StreamingQueryException for a failure of the engine and the Python exception behind it, if any."""
    head = f"[{condition}] " if condition else ""
    exception = StreamingQueryException(
        f"Query [id = {query.id if query else ''}, runId = {query.runId if query else ''}] terminated "
        f"with exception: {head}{message} SQLSTATE: XXKST",
        errorClass="STREAM_FAILED",
        messageParameters={"message": message},
    )
    if thrown is None:
        exception.__cause__ = from_engine(kind, condition, message)
    else:
        exception.__cause__ = thrown.with_traceback(own_frames(thrown) or thrown.__traceback__)
    return exception


class StreamingQueryManager:
    """spark.streams."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._queries: List[StreamingQuery] = []
        self._lock = threading.RLock()
        # By id, as often as each was added: the listener, what the engine calls, and the engine's word for it.
        self._listeners: Dict[int, List[Tuple[StreamingQueryListener, ListenerTarget, Any]]] = {}
        _managers.add(self)

    @property
    def active(self) -> List[StreamingQuery]:
        with self._lock:
            return [query for query in self._queries if query.isActive]

    def get(self, id: str) -> Optional[StreamingQuery]:
        return next((query for query in self.active if query.id == id), None)

    def awaitAnyTermination(self, timeout: Optional[float] = None) -> Optional[bool]:
        """Waits until any query has ended, those that are started meanwhile, too."""
        begin = time.monotonic()
        while True:
            with self._lock:
                known = list(self._queries)
            for query in known:
                if not query.isActive:
                    query.awaitTermination()
                    return None if timeout is None else True
            if timeout is not None and time.monotonic() - begin >= timeout:
                return False
            time.sleep(0.05)

    def resetTerminated(self) -> None:
        """Forgets the queries that have ended."""
        with self._lock:
            self._tidy()
            self._queries = [query for query in self._queries if query.isActive]

    def addListener(self, listener: StreamingQueryListener) -> None:
        if not isinstance(listener, StreamingQueryListener):
            raise PySparkTypeError(f"addListener takes a StreamingQueryListener, but got {type(listener).__name__}.")
        target = ListenerTarget(listener)
        self._listeners.setdefault(id(listener), []).append((listener, target, _engine.add_listener(target)))

    def removeListener(self, listener: StreamingQueryListener) -> None:
        """Once, where it was added several times."""
        added = self._listeners.get(id(listener))
        if added:
            _engine.remove_listener(added.pop()[2])
            if not added:
                del self._listeners[id(listener)]

    def _start(self, writer: Any, path: Optional[str]) -> StreamingQuery:
        refuse_if_looking("start() of a query")
        name = writer._name
        if name and any(query.name == name for query in self.active):
            from holdfast.errors import IllegalArgumentException

            raise IllegalArgumentException(
                f"Cannot start query with name {name} as a query with that name is already active."
            )
        builder = _engine.QueryBuilder()
        writer._describe(builder, path)
        query = self._started(builder, name, self._session.conf)
        if query._query is None:
            targets = [one[1] for manager in _managers for added in manager._listeners.values() for one in added]
            tell_of_failed_start(targets, query.id, query.runId, name, str(query._failure))
        query._ends_by_itself = writer._trigger[0] in ("once", "availableNow")
        query._temporary = writer._temporary
        with self._lock:
            self._tidy()
            self._queries.append(query)
            _held.add((query, self))
        return query

    def _tidy(self) -> None:
        with self._lock:
            for query in self._queries:
                query._tidy()
            _held.difference_update([one for one in list(_held) if not one[0].isActive])

    @staticmethod
    def _started(builder: Any, name: str, conf: Any = None) -> StreamingQuery:
        try:
            return StreamingQuery(builder.start(), name, conf=conf)
        except KeyboardInterrupt:
            raise
        except BaseException as failure:
            status = getattr(failure, "_engine_status", None)
            if status is None or not (is_of_user_code(failure) or status[0] in _FOUND_LATER):
                raise
            kind, condition, message = status
            query = StreamingQuery(None, name)
            query._failure = query_exception(kind, condition, message, failure, query)
            return query

    def _finish(self) -> None:
        """Waits for the queries that end by themselves, and raises a failure that nobody has been told of."""
        with self._lock:
            known = list(self._queries)
        for query in known:
            if not query._is_told and (query._ends_by_itself or not query.isActive):
                query.awaitTermination()

    def _end(self) -> None:
        """Stops the queries and forgets the listeners: the session is stopped."""
        for query in self.active:
            query.stop()
        for added in list(self._listeners.values()):
            for listener, *_ in list(added):
                self.removeListener(listener)
        self._tidy()


_managers: "weakref.WeakSet[StreamingQueryManager]" = weakref.WeakSet()
_held: Set[Tuple[StreamingQuery, StreamingQueryManager]] = set()  # a query that runs lives though nobody keeps it
_pid = os.getpid()


def _on_main_thread() -> bool:
    """Whether signals come here: a call that waits for a query, and so for the user's code, lets Ctrl-C through."""
    return threading.current_thread() is threading.main_thread()


@atexit.register
def _stop_at_exit() -> None:
    """The interpreter does not go before the queries have: they call it. What they were at is given up between two keys;
    whoever cannot wait for a function of a processor presses Ctrl-C, which is to the checkpoint as a crash is."""
    if os.getpid() != _pid:
        return  # a forked child: it has none of the threads that it would wait for
    try:
        for manager in list(_managers):
            for query in list(manager._queries):
                query._end()
        for manager in list(_managers):
            manager._tidy()
    except KeyboardInterrupt:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(130)
