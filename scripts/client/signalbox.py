#!/usr/bin/env python3
"""Signalbox's client for Python programs: asks before each SMS, reports what became of it, and never breaks the program.

One file, no dependencies, Python 3.8 or newer, Linux. Started by Signalbox, a program finds everything in its environment:

    from signalbox import Signalbox

    box = Signalbox()
    while True:
        permit = box.permit(timeout=60)                 # waits for a slot of the country; no Signalbox, no permit
        if not permit:
            continue
        message_id = box.new_message_id()
        trigger = send_sms(...)                         # hand over at once: a permit lives two seconds
        box.report(message_id, "submitted" if trigger else "failed", permit=permit, gateway_message_id=trigger)
        ...
        box.report(message_id, "delivered")             # or undelivered, rejected, expired; never a code or a text

`python3 signalbox.py check` says whether endpoint, token and spool work; `python3 signalbox.py flush` sends what ended
programs left in the spool. Reports are in the spool folder before report() returns and are sent from there in the background.
"""

from __future__ import annotations

import atexit
import fcntl
import functools
import itertools
import json
import os
import re
import socket
import sys
import threading
import time
import weakref

TYPE_CHECKING = False  # typing itself costs 10 ms at each of 120 starts
if TYPE_CHECKING:
    from typing import Any, Callable, TypeVar, overload

    F = TypeVar("F", bound=Callable[..., Any])
else:

    def overload(method):
        return method


__all__ = ["Permit", "Signalbox"]

LONGEST_WAIT_S = 30.0  # of one question; permit() asks again until its timeout
ANSWER_WITHIN_S = 5.0
GRACE_S = 1.0  # beyond permit()'s timeout for an answer that is on its way
BATCH_ITEMS = 500
BATCH_BYTES = 256 * 1024
SPOOL_LIMIT_BYTES = 100 * 1024 * 1024
SEGMENT_BYTES = 4 * 1024 * 1024  # a spool file that is full is deleted when it is sent, and the next one is begun
SPOOL_REST_BYTES = 64 * 1024  # a spool that is all sent may keep this much on disk
LINE_BYTES = 64 * 1024
LINGER_S = 0.05  # reports of this long go in one request
LOOK_AGAIN_S = 60.0  # for what ended programs left behind
REMEMBERED_SENDS = 10_000


class Permit:
    """The right to hand one message of `pair` to the gateway before its lease ends. Falsy when refused; `reason` says why."""

    __slots__ = ("id", "pair", "remaining", "reason", "_ends")

    def __init__(self, id: str = "", pair: str = "", ends: float = 0.0, remaining: int = 0, reason: str = "") -> None:
        self.id, self.pair, self.remaining, self.reason, self._ends = id, pair, remaining, reason, ends

    def __bool__(self) -> bool:
        return self.id != ""

    def __repr__(self) -> str:
        return f"Permit({self.id!r}, {self.pair!r})" if self else f"Permit(refused: {self.reason})"

    def valid(self) -> bool:
        """Whether there is still time to hand the message over."""
        return self.id != "" and _uptime() < self._ends


class Signalbox:
    """One program's line to Signalbox. Each argument replaces the variable of its name (SIGNALBOX_URL, SIGNALBOX_TOKEN ...).

    permit() and report() may be called from any thread and after a fork; neither raises.
    """

    def __init__(
        self, url: str | None = None, token: str | None = None, pairs: str | list[Any] | None = None,
        session: str | None = None, spool: str | None = None, spool_limit: int = SPOOL_LIMIT_BYTES,
        _only_looks: bool = False,
    ) -> None:
        self._url_given = url or os.environ.get("SIGNALBOX_URL", "")
        self._token_given = token or os.environ.get("SIGNALBOX_TOKEN", "")
        self._url = self._token = ""
        self._said: set[str] = set()
        self._pairs = self._read_pairs(os.environ.get("SIGNALBOX_PAIRS", "") if pairs is None else pairs)
        self._session = session or os.environ.get("SIGNALBOX_SESSION", "")
        self.folder = spool or os.environ.get("SIGNALBOX_SPOOL") or _own_folder()
        self._limit, self._segment = spool_limit, min(SEGMENT_BYTES, spool_limit // 4)
        self._same_machine: bool | None = None
        self._lease_s = 2.0
        self.lost = 0  # reports that could not be spooled
        self.rejected = 0  # reports that Signalbox would not take
        self.discarded = 0  # permits that arrived too late to be used
        self._last_count_at = 0.0
        self._sends: dict[str, tuple[str, str]] = {}  # by the gateway's id: our id and pair
        self._heads: dict[str, str] = {}  # how the lines of a pair begin
        self._begin()
        this = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: _begin_again(this()))
        atexit.register(lambda: _last_words(this()))
        if self._url_given.startswith("https:"):
            import ssl  # here, not in the thread: a fork meanwhile would leave it half loaded
        if not _only_looks and _Spool.names(self.folder):
            self._wake_sender()

    def _begin(self) -> None:
        """What one process has to itself: a fork begins anew."""
        self._lock = threading.RLock()  # a signal handler may report in the middle of a report
        self._awake, self._hurry = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._idle: list[_Connection] = []
        self._own: _Spool | None = None
        self._left: list[_Spool] = []  # to be sent before our own: full ones of this process, and what ended processes left
        self._left_bytes = 0
        self._failures = 0
        self._batch_items = BATCH_ITEMS
        self._ids = itertools.count()
        self._id_tail = _base36(int.from_bytes(os.urandom(4), "big"), 6)[-6:]
        self._closed = False

    # permits

    def permit(self, pair: str | list[str] | None = None, timeout: float = 60.0) -> Permit:
        """Waits up to `timeout` seconds for a slot of `pair` (default: whichever of the session's pairs gets one first).

        At most a second longer, when Signalbox is there and does not answer.
        """
        ends, reason = _uptime() + timeout, "no_answer"
        try:
            pairs = [pair] if isinstance(pair, str) else list(pair or self._pairs)
            failures = 0
            while True:
                asked = _uptime()
                wait = max(0.0, min(ends - asked, self._longest_wait()))
                try:
                    within = min(wait + ANSWER_WITHIN_S, ends - asked + GRACE_S)  # a Signalbox that hangs must not hold the program
                    status, answer = self._ask("/api/permits", {"pairs": pairs, "wait_ms": int(wait * 1000)}, within)
                    failures = 0
                except OSError as error:
                    self._say_away(error)
                    status, answer, failures = 0, {}, failures + 1
                if status == 201:
                    permit = self._permit_from(answer, asked)
                    if permit.valid():
                        return permit
                    self.discarded += 1
                    reason, pause = "lease_passed", 0.0
                else:
                    reason = str(answer.get("reason") or ("no_answer" if status == 0 else f"http_{status}"))
                    if reason == "expired":
                        return Permit(reason=reason)  # its program lets no message wait that long: it is to be dropped, not asked for again
                    pause = self._pause_after(status, reason, answer, failures, wait > 0 and _uptime() - asked >= wait * 0.9)
                left = ends - _uptime()
                if left <= 0:
                    return Permit(reason=reason)
                time.sleep(min(pause, left))
        except Exception as error:  # a fault here must cost a permit, never the program
            self._say("permit", f"permit() failed: {error!r}")
            time.sleep(max(0.0, min(ends - _uptime(), timeout)))
            return Permit(reason="client_fault")

    def _permit_from(self, answer: dict[str, Any], asked: float) -> Permit:
        """The lease counts from the grant, which lies between the question and now; only on one machine do the clocks compare."""
        granted = answer.get("granted_uptime_ms")
        here = isinstance(granted, (int, float)) and answer.get("boot_id") == _boot_id()
        self._same_machine = here
        since = min(max(asked, float(granted or 0) / 1000), _uptime()) if here else asked
        self._lease_s = float(answer["lease_ms"]) / 1000
        # the margin is for the way from here to the gateway
        ends = since + self._lease_s - min(0.5, self._lease_s / 4)
        return Permit(str(answer["permit_id"]), str(answer["pair"]), ends, int(answer.get("remaining") or 0))

    def _longest_wait(self) -> float:
        """From another machine the lease counts from the question, so a question must be short against it."""
        same = self._same_machine
        if same is None:
            same = bool(re.match(r"https?://(127\.|localhost\b|\[::1\])", self._endpoint_or_empty()))
        return LONGEST_WAIT_S if same else self._lease_s / 2

    def _pause_after(self, status: int, reason: str, answer: dict[str, Any], failures: int, waited: bool) -> float:
        if status == 429 and waited:
            return 0.0  # the wait was used up: take a place in the queue again
        if status in (401, 403):
            self._token = ""
            self._say("token", f"no permits: {answer.get('detail') or f'the token is refused ({status})'}")
        elif status in (400, 404):
            self._say(f"permit {reason}", f"no permits: {answer.get('detail') or reason}")
        usual = {0: min(5.0, 0.1 * 2.0 ** min(failures, 6)), 409: 5.0, 401: 5.0, 403: 5.0, 400: 30.0, 404: 30.0}.get(status, 1.0)
        told = answer.get("retry_after_ms")
        pause = min(30.0, max(0.05, told / 1000)) if isinstance(told, (int, float)) else usual
        return pause * (1 + 0.25 * _chance())

    # reports

    def new_message_id(self) -> str:
        """A message id that sorts by its time: 9 digits of ms, 4 that count, 6 of this process, all base 36."""
        return _base36(int(time.time() * 1000), 9) + _base36(next(self._ids) % 36**4, 4) + self._id_tail

    def report(
        self, message_id: str, state: str, pair: str | None = None, permit: Permit | str | None = None, at: Any = None,
        error_code: Any = None, gateway: str | None = None, gateway_message_id: Any = None, phone: Any = None, converted_at: Any = None,
        credit: float | None = None,
    ) -> bool:
        """Says what became of a message: submitted, buffered, delivered, undelivered, rejected, expired, failed, blocked, attempt.

        On disk when it returns True; False (said once on stderr, counted in `lost`) when disk or spool is full.
        """
        return self._report(message_id, state, pair, permit, at, error_code, gateway, gateway_message_id, phone, converted_at, credit)

    def _report(
        self, message_id: str, state: str, pair: str | None, permit: Permit | str | None, at: Any = None, error_code: Any = None,
        gateway: str | None = None, gateway_message_id: Any = None, phone: Any = None, converted_at: Any = None, credit: float | None = None,
        hurry: bool = True,
    ) -> bool:
        try:
            held = permit if isinstance(permit, Permit) else None
            line = f'{self._head(pair or (held.pair if held else ""))}"message_id":{_quote(str(message_id))},"state":{_quote(str(state))}'
            line += f',"at":{_quote(_iso(at))}'
            # a result frees its permit's slot one window later: only one that comes after the hand-over may name it
            if permit and state not in ("attempt", "blocked"):
                line += f',"permit_id":{_quote(held.id if held else str(permit))}'
            if error_code is not None:
                line += f',"error_code":{_quote(str(error_code))}'
            if gateway is not None:
                line += f',"gateway":{_quote(str(gateway))}'
            if gateway_message_id is not None:
                line += f',"gateway_message_id":{_quote(str(gateway_message_id))}'
            if phone is not None:
                line += f',"phone":{_quote(str(phone))}'
            if converted_at is not None:
                line += f',"converted_at":{_quote(_iso(converted_at))}'
            if credit is not None:
                line += f',"credit":{_ENCODE(float(credit))}'
            return self._spool(line + "}", hurry)
        except Exception as error:
            return self._lose(error)

    def _head(self, pair: str) -> str:
        """The beginning of each line of a pair. Strings put together: json would take most of a report's time."""
        head = self._heads.get(pair)
        if head is None:
            country, operator = self._country_operator(pair)
            head = f'{{"country":{_quote(country)},"operator":{_quote(operator)},'
            if self._session:
                head += f'"session":{_quote(self._session)},'
            if len(self._heads) < REMEMBERED_SENDS:
                self._heads[pair] = head
        return head

    def report_counts(
        self, sent: int | dict[str, Any], success_rate: float | None = None, delivered: int | None = None, failed: int | None = None,
        errors: list[str] | dict[str, int] | None = None, timestamp: Any = None, kind: str = "interval", pair: str | None = None,
        credit: float | None = None,
    ) -> bool:
        """Counts of the time since the last report (`kind="cumulative"`: since the program began), where no single messages are known.

        `sent` may be the whole report as such programs write it: `{"session_id": ..., "country_code": ..., "operator_name": ...,
        "messages_sent": 10, "success_rate": 0.9, "errors": ["30003"], "timestamp": ...}`. What is missing in it is filled in.
        """
        try:
            item: dict[str, Any] = dict(sent) if isinstance(sent, dict) else {"messages_sent": sent}
            if not (item.get("country") or item.get("country_code")):
                item["country"], item["operator"] = self._country_operator(pair or "")
            more = {"success_rate": success_rate, "delivered": delivered, "failed": failed, "errors": errors, "credit": credit}
            item.update((name, value) for name, value in more.items() if value is not None)
            item.setdefault("kind", kind)
            item["session_id"] = self._session or item.get("session_id") or "by-hand"
            timestamp = item.get("timestamp") if timestamp is None else timestamp
            if timestamp is None:  # the key of a counts report: two must never share one
                with self._lock:
                    timestamp = self._last_count_at = max(time.time(), self._last_count_at + 0.001)
            item["timestamp"] = _iso(timestamp)
            return self._spool(_ENCODE(item))
        except Exception as error:
            return self._lose(error)

    @overload
    def sends(self, method: F) -> F: ...
    @overload
    def sends(self, *, pair: str | None = None, timeout: float = 60.0, gateway: str | None = None) -> Callable[[F], F]: ...
    def sends(self, method: Any = None, *, pair: str | None = None, timeout: float = 60.0, gateway: str | None = None) -> Any:
        """Around what sends one SMS and returns the gateway's id, or something false: asks, reports the attempt, calls, reports.

        Not called and None without a permit. Reads `pair`, `phone_number` and `error_code` of its object when there are such; a plain
        function is asked for its argument `phone_number`, `phone`, `number` or `to`. An exception is reported by its class and goes on.
        """
        if method is None:
            return functools.partial(self.sends, pair=pair, timeout=timeout, gateway=gateway)
        names = _argument_names(method)

        def wanted(args: tuple[Any, ...]) -> Any:
            own = _attribute(args[0], "pair") if args else None
            return pair or (own if isinstance(own, (str, list)) else None)

        @functools.wraps(method)
        def send(*args: Any, **named: Any) -> Any:
            permit = self._usable_permit(wanted(args), timeout)
            if not permit:
                return None
            sending = _Sending(self, permit, gateway, names, args, named)
            try:
                trigger = method(*args, **named)
            except Exception as error:
                sending.failed(type(error).__name__)
                raise
            sending.answered(trigger)
            return trigger

        @functools.wraps(method)
        async def send_async(*args: Any, **named: Any) -> Any:
            from asyncio import get_running_loop

            while True:  # the loop may have been busy for longer than a permit lives
                permit = await get_running_loop().run_in_executor(None, self._usable_permit, wanted(args), timeout)
                if not permit:
                    return None
                if permit.valid():
                    break
            sending = _Sending(self, permit, gateway, names, args, named)
            try:
                trigger = await method(*args, **named)
            except Exception as error:
                sending.failed(type(error).__name__)
                raise
            sending.answered(trigger)
            return trigger

        return send_async if _is_async(method) else send

    def _usable_permit(self, pair: str | list[str] | None, timeout: float) -> Permit:
        while True:
            permit = self.permit(pair, timeout)
            if not permit or permit.valid():
                return permit

    @overload
    def submits(self, method: F) -> F: ...
    @overload
    def submits(self, *, false: str = "undelivered") -> Callable[[F], F]: ...
    def submits(self, method: Any = None, *, false: str = "undelivered") -> Any:
        """Around what takes the gateway's id and learns its receipt: true means delivered, None still pending, else `false`.

        `false="pending"` for a method that answers False also while the receipt is on its way: then only deliveries are reported.
        """
        if method is None:
            return functools.partial(self.submits, false=false)
        names = _argument_names(method)

        def told(answer: Any, args: tuple[Any, ...], named: dict[str, Any]) -> None:
            place = 1 if (names[0] in ("self", "cls") if names else len(args) > 1) else 0
            given = args[place] if len(args) > place else next(iter(named.values()), "")
            self._report_receipt(str(given), answer, false, _attribute(args[0], "error_code") if place and args else None)

        @functools.wraps(method)
        def submit(*args: Any, **named: Any) -> Any:
            answer = method(*args, **named)
            told(answer, args, named)
            return answer

        @functools.wraps(method)
        async def submit_async(*args: Any, **named: Any) -> Any:
            answer = await method(*args, **named)
            told(answer, args, named)
            return answer

        return submit_async if _is_async(method) else submit

    def _report_receipt(self, trigger: str, answer: Any, false: str, code: Any) -> None:
        sent = self._sends.get(trigger)
        if sent is None:
            self._say("receipt", f"a receipt of {trigger!r}, which this program did not send, is not reported")
        elif answer:
            self.report(sent[0], "delivered", pair=sent[1])
        elif answer is not None and false != "pending":
            self.report(sent[0], false, pair=sent[1], error_code=code)

    def _remember(self, trigger: str, message_id: str, pair: str) -> None:
        with self._lock:
            self._sends[trigger] = (message_id, pair)
            while len(self._sends) > REMEMBERED_SENDS:
                del self._sends[next(iter(self._sends))]

    def _spool(self, text: str, hurry: bool = True) -> bool:
        """`hurry` false: it goes with the next report that is in a hurry, or with the last words."""
        line = text.encode() + b"\n"
        with self._lock:
            own = self._own
            if own is None or own.end > self._segment:
                own = self._next_spool(own)
            if len(line) > LINE_BYTES:
                raise ValueError("a report of more than 64 KB")
            if self._left_bytes + own.end - own.sent + len(line) > self._limit:
                raise OSError("the spool is full")
            own.append(line)
        if hurry and not self._awake.is_set():
            self._wake_sender()
        return True

    def _next_spool(self, full: _Spool | None) -> _Spool:
        fresh = _Spool.create(self.folder)
        if self._own is not full and self._own is not None:  # a signal handler reported meanwhile and was faster
            fresh.remove()
            return self._own
        self._own = fresh
        if full is not None:
            self._left.append(full)
            self._left_bytes += full.end
        elif "multiprocessing.util" in sys.modules and sys.modules["multiprocessing.process"].parent_process():
            # its children end without atexit, and it forgets at their birth what it was told before
            this = weakref.ref(self)
            sys.modules["multiprocessing.util"].Finalize(None, lambda: _last_words(this()), exitpriority=0)
        return self._own

    def _lose(self, error: Exception) -> bool:
        self.lost += 1
        self._say("lost", f"reports are being lost: {error} (spool: {self.folder})")
        return False

    # sending, in a thread of its own

    def flush(self, timeout: float = 5.0) -> bool:
        """Waits until all reports are with Signalbox; False when it is away or time is up."""
        ends, failures = _uptime() + timeout, self._failures
        self._wake_sender()
        self._hurry.set()
        while self._awake.is_set() and self._failures <= failures and _uptime() < ends:
            time.sleep(0.01)
        return not self._awake.is_set()

    def close(self, timeout: float = 2.0) -> None:
        """Sends what is left and stops the background thread. Needed only where many clients live in one process."""
        thread = self._thread
        if self._closed:
            return
        if thread:
            self.flush(timeout)
        self._closed = True
        self._awake.set()
        self._hurry.set()
        if thread:
            thread.join(timeout)
        with self._lock:
            if not (thread and thread.is_alive()):
                for spool in self._left + ([self._own] if self._own else []):
                    spool.release() if spool.waiting else spool.remove()  # what is left is the next client's
                self._own, self._left, self._left_bytes = None, [], 0
        while self._idle:
            self._idle.pop().close()

    def _wake_sender(self) -> None:
        with self._lock:
            self._awake.set()
            if self._thread is None and not self._closed:
                thread = threading.Thread(target=self._send_for_ever, name="signalbox", daemon=True)
                try:
                    thread.start()
                    self._thread = thread
                except RuntimeError:
                    pass  # the interpreter is ending: the next run sends it

    def _send_for_ever(self) -> None:
        look = True
        while not self._closed:
            try:
                if look:
                    found = _Spool.left_behind(self.folder)
                    with self._lock:
                        self._left[:0] = found
                        self._left_bytes += sum(spool.end for spool in found)
                self._hurry.wait(LINGER_S)
                self._send_all()
                look = not self._awake.wait(LOOK_AGAIN_S)
            except Exception as error:
                self._say("sender", f"sending reports failed, trying again: {error!r}")
                time.sleep(5)

    def _send_all(self) -> None:
        """Sends until nothing is left; the event is cleared first, so that a report that comes meanwhile wakes us again."""
        while not self._closed:
            self._hurry.clear()
            spool, lines = self._next_batch()
            if spool is None:
                self._awake.clear()
                spool, lines = self._next_batch()
                if spool is None:
                    return
                self._awake.set()
            taken, pause = self._deliver(lines)
            if taken:
                spool.acknowledge(sum(len(line) + 1 for line in lines[:taken]))
            if pause:
                self._hurry.wait(pause * (0.75 + 0.5 * _chance()))

    def _next_batch(self) -> tuple[_Spool | None, list[bytes]]:
        for spool in self._left + ([self._own] if self._own else []):
            lines = spool.batch(self._batch_items)
            if lines:
                return spool, lines
            with self._lock:
                if spool in self._left:  # it may have been our own a moment ago, and then it is looked at again
                    lines = spool.batch(self._batch_items)
                    if lines:
                        return spool, lines
                    self._left.remove(spool)
                    self._left_bytes -= spool.end
                    spool.remove()
                elif spool is self._own:
                    spool.shrink()
        return None, []

    def _deliver(self, lines: list[bytes]) -> tuple[int, float]:
        """Posts a batch: how many of its lines are done with, and how long to wait before the next."""
        try:
            status, answer = self._ask("/api/results", b"\n".join(lines) + b"\n", 30.0)
        except OSError as error:
            self._say_away(error)
            self._failures += 1
            return 0, min(5.0, 0.1 * 2.0 ** min(self._failures, 6))
        refused = _refused(answer, len(lines))
        if status in (200, 201, 202) or (status == 400 and len(refused) == len(lines)):
            self._failures = 0
            self._batch_items = min(BATCH_ITEMS, self._batch_items * 2)
            self._set_aside([(lines[index], why) for index, why in refused.items()])
            return len(lines), 0.0
        if status in (400, 413, 415, 422):
            if len(lines) > 1:  # halve until the bad one stands alone
                self._batch_items = max(1, len(lines) // 2)
                return 0, 0.0
            self._set_aside([(lines[0], {"message": answer.get("detail") or f"HTTP {status}"})])
            return 1, 0.0
        self._failures += 1
        if status in (401, 403):
            self._token = ""
            self._say("token", f"{answer.get('detail') or f'the token is refused ({status})'}; reports wait in {self.folder}")
            return 0, 15.0
        told = answer.get("retry_after_ms")
        return 0, min(30.0, told / 1000 if isinstance(told, (int, float)) else 0.25 * 2.0 ** min(self._failures, 6))

    def _set_aside(self, refused: list[tuple[bytes, dict[str, Any]]]) -> None:
        if not refused:
            return
        self.rejected += len(refused)
        path, why = os.path.join(self.folder, "rejected.ndjson"), refused[0][1]
        self._say("rejected", f"Signalbox rejected a report: {why.get('field', '')} {why.get('message', '')} (kept in {path})")
        try:
            if os.path.exists(path) and os.path.getsize(path) > 1024 * 1024:
                os.replace(path, path + ".1")
            rows = (_ENCODE({"at": _iso(None), "why": r, "item": line.decode("utf-8", "replace")}) for line, r in refused)
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(fd, "".join(row + "\n" for row in rows).encode())
            finally:
                os.close(fd)
        except OSError:
            pass  # said already; the count stays

    # the line itself

    def _ask(self, path: str, body: dict[str, Any] | bytes, timeout: float) -> tuple[int, dict[str, Any]]:
        """Posts and reads the JSON answer. Raises OSError when none came; a kept connection that had gone stale is replaced."""
        data = body if isinstance(body, bytes) else _ENCODE(body).encode()
        kind = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
        ends = _uptime() + timeout
        while True:
            kept = connection = self._idle.pop() if self._idle else None
            try:
                if connection is None:
                    connection = _Connection(self._endpoint(), min(timeout, ANSWER_WITHIN_S))
                status, raw = connection.post(path, data, kind, self._bearer(), max(0.05, ends - _uptime()))
            except BaseException as error:
                if connection is not None:
                    connection.close()
                if isinstance(error, (OSError, ValueError)):
                    self._url = self._token = ""  # Signalbox may be back elsewhere, with other tokens
                    if kept is not None and not isinstance(error, socket.timeout):
                        continue
                    if not isinstance(error, OSError):
                        raise OSError(f"unreadable answer: {error}") from error
                raise
            if connection.keep and len(self._idle) < 4:
                self._idle.append(connection)
            else:
                connection.close()
            self._said.discard("away")
            try:
                answer = json.loads(raw)
            except ValueError:
                answer = None
            return status, answer if isinstance(answer, dict) else {}

    def _endpoint(self) -> str:
        if not self._url:
            self._url = (self._url_given or _first_line("SIGNALBOX_ENDPOINT_FILE")).rstrip("/")
        return self._url

    def _endpoint_or_empty(self) -> str:
        try:
            return self._endpoint()
        except OSError:
            return ""

    def _bearer(self) -> str:
        if not self._token:
            self._token = self._token_given or _first_line("SIGNALBOX_TOKEN_FILE")
        return self._token

    def _read_pairs(self, given: str | list[Any]) -> dict[str, tuple[str, str]]:
        """Pairs by id, from the JSON list of SIGNALBOX_PAIRS, a list of ids, or `UZ_uzmobile,UA_3mob`."""
        try:
            if isinstance(given, str):
                given = json.loads(given) if given.startswith("[") else [part.strip() for part in given.split(",") if part.strip()]
            pairs = {}
            for pair in given:
                if isinstance(pair, dict):
                    pairs[str(pair["id"])] = (str(pair["country"]), str(pair["operator"]))
                else:
                    pairs[pair] = (pair.partition("_")[0], pair.partition("_")[2])
            return pairs
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self._say("pairs", f"SIGNALBOX_PAIRS is not readable: {error!r}")
            return {}

    @property
    def pairs(self) -> list[str]:
        """The ids of the pairs this session is for."""
        return list(self._pairs)

    def _country_operator(self, pair: str) -> tuple[str, str]:
        if not pair and len(self._pairs) != 1:
            raise ValueError("a report needs its pair: give pair= or permit=")
        pair = pair or next(iter(self._pairs))
        return self._pairs.get(pair) or (pair.partition("_")[0], pair.partition("_")[2])

    def _say_away(self, error: OSError) -> None:
        self._say("away", f"no answer from {self._endpoint_or_empty() or 'Signalbox'} ({error}); no permits, reports wait on disk")

    def _say(self, key: str, text: str) -> None:
        if key not in self._said:
            self._said.add(key)
            try:
                print("signalbox:", text, file=sys.stderr, flush=True)
            except (OSError, ValueError, AttributeError):
                pass  # no stderr: nobody to tell


class _Sending:
    """One call of a method that @sends: the attempt is on disk before it, its outcome after."""

    def __init__(
        self, box: Signalbox, permit: Permit, gateway: str | None, names: tuple[str, ...], args: tuple[Any, ...], named: dict[str, Any],
    ) -> None:
        self._box, self._permit, self._gateway = box, permit, gateway
        self._sender = args[0] if args else None
        given = {**dict(zip(names, args)), **named}
        phones = (given.get(name) for name in ("phone_number", "phone", "number", "to"))
        self._phone = _attribute(self._sender, "phone_number") or next((phone for phone in phones if isinstance(phone, (str, int))), None)
        self._message_id = box.new_message_id()
        # not worth a request of its own: it goes with the outcome, or with what a killed program left behind
        self._report("attempt", hurry=False)

    def failed(self, code: Any) -> None:
        self._report("failed", error_code=code)

    def answered(self, trigger: Any) -> None:
        if not trigger:
            return self.failed(_attribute(self._sender, "error_code"))
        known = None if trigger is True else str(trigger)
        self._report("submitted", gateway_message_id=known)
        if known is not None:
            self._box._remember(known, self._message_id, self._permit.pair)

    def _report(self, state: str, **more: Any) -> None:
        self._box._report(self._message_id, state, None, self._permit, gateway=self._gateway, phone=self._phone, **more)


class _Spool:
    """One process's reports on disk, locked while it lives: a line with the offset up to which they are sent, then a line each."""

    HEAD = 24

    def __init__(self, path: str, fd: int) -> None:
        self.path, self._fd, self._append, self._torn = path, fd, -1, False
        self.end = self.size  # as far as we know: a signal handler that reports within a report may have added a line to it
        head = os.pread(fd, self.HEAD, 0).strip()
        # a head that a power cut spoiled: from the start, Signalbox knows what it has
        self.sent = min(max(self.HEAD, int(head) if head.isdigit() else 0), max(self.HEAD, self.size))

    @classmethod
    def create(cls, folder: str) -> _Spool:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        while True:
            path = os.path.join(folder, f"{_base36(int(time.time() * 1000), 9)}-{os.getpid()}.spool")
            fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            if _lock(fd, path):
                spool = cls(path, fd)
                spool.acknowledge(0)
                spool._append, spool.end = os.open(path, os.O_WRONLY | os.O_APPEND), cls.HEAD
                return spool
            os.close(fd)  # somebody looking for what was left behind was faster

    @classmethod
    def left_behind(cls, folder: str) -> list[_Spool]:
        """Takes over what ended processes did not get sent."""
        found = []
        for name in cls.names(folder):
            path = os.path.join(folder, name)
            try:
                fd = os.open(path, os.O_RDWR)
            except OSError:
                continue
            if _lock(fd, path):
                found.append(cls(path, fd))
            else:
                os.close(fd)
        return found

    @staticmethod
    def names(folder: str) -> list[str]:
        try:
            return sorted(name for name in os.listdir(folder) if name.endswith(".spool"))
        except OSError:
            return []

    @property
    def size(self) -> int:
        return os.fstat(self._fd).st_size

    @property
    def waiting(self) -> int:
        return max(0, self.size - self.sent)

    def append(self, line: bytes) -> None:
        """One write at the end, also when a signal handler reports in between: a TERM or kill -9 a moment later loses nothing."""
        written = os.write(self._append, b"\n" + line if self._torn else line)
        self.end += written
        self._torn = written < len(line)
        if self._torn:
            raise OSError("no space left for the spool")

    def batch(self, items: int) -> list[bytes]:
        """The next lines to send. A torn last one, of a machine that lost power, is left out."""
        data = os.pread(self._fd, BATCH_BYTES, self.sent)
        return data[: data.rfind(b"\n") + 1].split(b"\n", items)[:-1]

    def acknowledge(self, size: int) -> None:
        self.sent += size
        os.pwrite(self._fd, b"%023d\n" % self.sent, 0)

    def shrink(self) -> None:
        """Frees the disk when all is sent; in this order, so that a kill in between leaves an empty spool."""
        self.end = self.size
        if self.sent > SPOOL_REST_BYTES and self.sent >= self.end:
            os.ftruncate(self._fd, self.HEAD)
            self.sent = self.end = self.HEAD
            self.acknowledge(0)

    def remove(self) -> None:
        try:
            os.unlink(self.path)
        except OSError:
            pass
        self.release()

    def release(self) -> None:
        """Closes without unlocking: after a fork the parent still holds it."""
        for fd in (self._fd, self._append):
            if fd >= 0:
                os.close(fd)
        self._fd = self._append = -1  # a later use must fail, not meet another file


class _Connection:
    """HTTP/1.1 on a bare socket, kept open: http.client loads ssl and email, 6 MB and 20 ms in each of 120 sessions."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = re.match(r"(https?)://(\[[^\]]+\]|[^/:]+)(?::(\d+))?(/.*)?$", url)
        if parts is None:
            raise OSError(f"{url!r} is not an address like http://127.0.0.1:8080" if url else "no address (SIGNALBOX_ENDPOINT_FILE or SIGNALBOX_URL)")
        scheme, host, port, self._prefix = parts[1], parts[2], parts[3], parts[4] or ""
        self._host = host + (":" + port if port else "")
        self.keep = True
        name = host.strip("[]")
        # Bytes: Python would import a codec for the name of a str, and a fork in the middle of that import hangs the child for ever.
        address: Any = name.encode("ascii") if name.isascii() else name.encode("idna")
        self._socket = socket.create_connection((address, int(port or (443 if scheme == "https" else 80))), timeout)
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if scheme == "https":
                import ssl

                self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=host.strip("[]"))
            self._file = self._socket.makefile("rb")
        except BaseException:
            self._socket.close()
            raise

    def post(self, path: str, body: bytes, kind: str, token: str, timeout: float) -> tuple[int, bytes]:
        self._socket.settimeout(timeout)
        head = f"POST {self._prefix}{path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        head += f"Authorization: Bearer {token}\r\n\r\n" if token.isprintable() and token else "\r\n"
        self._socket.sendall(head.encode("latin-1") + body)
        status = 100
        while status < 200:  # 1xx: the answer proper follows
            words = self._file.readline(4096).split(None, 2)
            if len(words) < 2 or not words[0].startswith(b"HTTP/1."):
                raise ConnectionResetError("the connection was closed")
            status, headers = int(words[1]), self._read_headers()
        self.keep = words[0] == b"HTTP/1.1" and headers.get("connection", "").lower() != "close"
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return status, self._read_chunks()
        if "content-length" in headers:
            return status, self._read(int(headers["content-length"]))
        self.keep = False
        return status, b"" if status == 204 else self._file.read()

    def _read_headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        while True:
            line = self._file.readline(65536)
            if line in (b"\r\n", b"\n"):
                return headers
            if not line:
                raise ConnectionResetError("the connection was closed")
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()

    def _read_chunks(self) -> bytes:
        body = b""
        while True:
            size = int(self._file.readline(1024).split(b";")[0] or b"0", 16)
            if size == 0:
                self._read_headers()
                return body
            body += self._read(size)
            self._file.readline(8)

    def _read(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) != size:
            raise ConnectionResetError("the connection was closed")
        return data

    def close(self) -> None:
        for part in (getattr(self, "_file", None), self._socket):
            try:
                if part is not None:
                    part.close()
            except OSError:
                pass


def _refused(answer: dict[str, Any], count: int) -> dict[int, dict[str, Any]]:
    """The items that were not taken, by their place: `rejected` beside taken ones, `errors` of a problem where all were bad."""
    found: dict[int, dict[str, Any]] = {}
    for name in ("rejected", "errors"):
        for why in answer.get(name) or []:
            place = re.match(r"\[(\d+)\]", str(why.get("field", "")))
            index = int(why.get("index", place[1] if place else -1))
            if 0 <= index < count:
                found.setdefault(index, why)
    return found


def _begin_again(box: Signalbox | None) -> None:
    """In the child of a fork: files, locks, connections and the thread are the parent's."""
    if box is not None:
        for connection in box._idle:
            connection.close()
        for spool in ([box._own] if box._own else []) + box._left:
            spool.release()
        box._begin()


def _last_words(box: Signalbox | None) -> None:
    if box is not None:
        box.close(2.0)


def _argument_names(method: Any) -> tuple[str, ...]:
    """Of its positional arguments; empty for what is no Python function."""
    while hasattr(method, "__wrapped__"):
        method = method.__wrapped__
    code = getattr(method, "__code__", None)
    return code.co_varnames[: code.co_argcount] if code else ()


def _is_async(method: Any) -> bool:
    while hasattr(method, "__wrapped__"):
        method = method.__wrapped__
    return bool(getattr(getattr(method, "__code__", None), "co_flags", 0) & 0x80)  # inspect.CO_COROUTINE, without inspect


def _attribute(of: Any, name: str) -> Any:
    """None also where looking fails: a property of the program's may raise anything."""
    try:
        return getattr(of, name, None)
    except Exception:
        return None


def _lock(fd: int, path: str) -> bool:
    """An exclusive lock on the file that `path` still names."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(fd).st_ino == os.stat(path).st_ino
    except OSError:
        return False


def _uptime() -> float:
    """Seconds since boot, suspend counted: the clock Signalbox dates its grants by."""
    return time.clock_gettime(_CLOCK)


_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_ENCODE = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
_quote = json.encoder.encode_basestring_ascii


@functools.lru_cache(maxsize=None)
def _boot_id() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    except OSError:
        return "unknown"


def _first_line(variable: str) -> str:
    """The first line of the file that `variable` names; empty when it is not set."""
    path = os.environ.get(variable)
    if not path:
        return ""
    with open(path) as file:
        return file.readline().strip()


def _own_folder() -> str:
    """The spool of a program started by hand: one for all its runs."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(state, "signalbox", os.path.basename(sys.argv[0] or "python") or "python")


def _base36(number: int, digits: int) -> str:
    text = ""
    while number or len(text) < digits:
        number, digit = divmod(number, 36)
        text = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + text
    return text


def _iso(at: Any) -> str:
    """RFC 3339 in UTC with milliseconds, of seconds since 1970, a datetime (naive: local time) or a ready text; None is now."""
    if isinstance(at, str):
        return at
    seconds = time.time() if at is None else at.timestamp() if hasattr(at, "timestamp") else float(at)
    second, ms = divmod(int(seconds * 1000 + 0.5), 1000)
    return f"{_iso_second(second)}.{ms:03d}Z"


@functools.lru_cache(maxsize=4)
def _iso_second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _chance() -> float:
    """A random number between 0 and 1: the random module costs more than it gives here."""
    return int.from_bytes(os.urandom(2), "big") / 65536


def _check(box: Signalbox) -> int:
    """Says line by line what works, and of what does not how to mend it. Uses nothing up: its questions are wrong on purpose."""
    faults = [_check_address(box)]
    if not faults[0]:
        faults.append(_check_token(box))
    faults += [_check_pairs(box), _check_spool(box)]
    found = sum(faults)
    print("all is well" if not found else f"{found} to mend: see the lines that begin with ->")
    return 1 if found else 0


def _check_address(box: Signalbox) -> bool:
    mend = "start the program as a session of Signalbox, or set SIGNALBOX_URL, like http://127.0.0.1:8080"
    try:
        url = box._endpoint()
        if not url:
            named = os.environ.get("SIGNALBOX_ENDPOINT_FILE")
            return _fault("address", f"{named} is empty" if named else "neither SIGNALBOX_ENDPOINT_FILE nor SIGNALBOX_URL is set", mend)
        _Connection(url, ANSWER_WITHIN_S).close()
    except FileNotFoundError as error:
        return _fault("address", f"SIGNALBOX_ENDPOINT_FILE names {error.filename}, which is not there", "start Signalbox: it writes that file")
    except PermissionError as error:
        return _fault("address", f"{error.filename} may not be read by this user", "run the program as the user its session has")
    except ConnectionRefusedError:
        return _fault("address", f"nobody listens at {url}", "start Signalbox (systemctl status signalbox), or mend the address")
    except OSError as error:
        return _fault("address", f"no connection to {url or 'Signalbox'}: {error}", "mend the address, or what stands between here and there")
    return _fine("address", url)


def _check_token(box: Signalbox) -> bool:
    named = os.environ.get("SIGNALBOX_TOKEN_FILE") if not box._token_given else None
    mend = "make one with `signalbox token create` and set SIGNALBOX_TOKEN, or start the program as a session"
    try:
        token = box._bearer()
    except OSError as error:
        return _fault("token", f"SIGNALBOX_TOKEN_FILE names {named}, which cannot be read: {error.strerror}", mend)
    if not token:
        return _fault("token", f"{named} is empty" if named else "neither SIGNALBOX_TOKEN_FILE nor SIGNALBOX_TOKEN is set", mend)
    fault = False
    for name, path, body in (("permits", "/api/permits", {}), ("results", "/api/results", b"")):
        try:
            status, answer = box._ask(path, body, ANSWER_WITHIN_S)
        except OSError as error:
            fault |= _fault(name, f"no answer: {error}", "look at its log (journalctl -u signalbox)")
            continue
        detail = answer.get("detail") or f"HTTP {status}"
        if status == 400:
            _fine(name, "the token may")
        elif status == 401:
            return _fault("token", detail, "a run's token ends with its run; " + mend)
        elif status == 403:
            fault |= _fault(name, f"the token may not: {detail}", f"make one with the scope {name}")
        elif status >= 500:
            fault |= _fault(name, detail, "it answers and cannot work now: see its page Health, or `signalbox doctor`; reports wait on disk")
        else:
            fault |= _fault(name, detail, f"is it Signalbox that answers at {box._endpoint_or_empty()}?")
    return fault


def _check_pairs(box: Signalbox) -> bool:
    if box._said & {"pairs"}:
        return _fault("pairs", "SIGNALBOX_PAIRS is not readable", "write it like UZ_uzmobile,UA_3mob")
    return _fine("pairs", ", ".join(box.pairs) or "none named in SIGNALBOX_PAIRS: each permit and report must name its own")


def _check_spool(box: Signalbox) -> bool:
    waits = 0
    try:
        spool = _Spool.create(box.folder)
        spool.remove()
        for left in _Spool.left_behind(box.folder):
            waits += left.waiting
            left.release()
    except OSError as error:
        return _fault("spool", f"{box.folder} cannot be written: {error.strerror or error}", "set SIGNALBOX_SPOOL to a folder this user may write")
    free = os.statvfs(box.folder)
    if free.f_bavail * free.f_frsize < box._limit:
        mend = f"the spool may take {box._limit >> 20} MB while Signalbox is away: make room"
        return _fault("spool", f"{free.f_bavail * free.f_frsize >> 20} MB are free in {box.folder}", mend)
    _fine("spool", f"{box.folder}{f'; {waits} bytes of ended programs wait: `python3 signalbox.py flush`' if waits else ''}")
    refused = os.path.join(box.folder, "rejected.ndjson")
    if os.path.exists(refused):
        return _fault("rejected", f"reports that Signalbox would not take are in {refused}, each with its reason", "mend the program, delete the file")
    return False


def _fine(name: str, words: str) -> bool:
    print(f"{name:9} ok     {words}")
    return False


def _fault(name: str, words: str, mend: str) -> bool:
    print(f"{name:9} WRONG  {words}\n          ->     {mend}")
    return True


def _main(words: list[str]) -> int:
    if words == ["check"]:
        return _check(Signalbox(_only_looks=True))
    if words == ["flush"]:
        drained = Signalbox().flush(60.0)
        print("all reports are with Signalbox" if drained else "Signalbox does not take them now; they stay in the spool")
        return 0 if drained else 1
    print("usage: python3 signalbox.py check | flush", file=sys.stderr)
    return 64


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
