"""The client against a small double of Signalbox on 127.0.0.1, with real files, real processes and real signals."""

import ast
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import signalbox  # noqa: E402
from signalbox import Permit, Signalbox  # noqa: E402


class Double:
    """Answers as Signalbox does; `permits` and `results` may be replaced by functions of the body that return (status, answer)."""

    def __init__(self):
        self.seen = []  # accepted items, in order, repeats left out
        self.keys = set()
        self.repeats = 0
        self.asked = []
        self.tokens = set()
        self.permits = lambda body: (201, grant())
        self.results = self.accept
        self.answered = threading.Condition()
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or each answer waits 40 ms for the ACK of its head

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                double.tokens.add(self.headers.get("Authorization"))
                if self.path == "/api/permits":
                    double.asked.append(json.loads(body))
                    status, answer = double.permits(json.loads(body))
                else:
                    status, answer = double.results([json.loads(line) for line in body.splitlines()])
                if status == 0:  # the answer is lost on the way
                    self.close_connection = True
                    return
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *words):
                pass

        ThreadingHTTPServer.daemon_threads = True
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda request, address: None  # who asked was killed, or would not wait
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def accept(self, items):
        with self.answered:
            for item in items:
                key = (item.get("message_id"), item.get("state"), item.get("timestamp"))
                self.repeats += key in self.keys
                if key not in self.keys:
                    self.seen.append(item)
                self.keys.add(key)
            self.answered.notify_all()
        return 202, {"accepted": len(items), "duplicate": 0, "rejected": []}

    def ids(self):
        return [item["message_id"] for item in self.seen]

    def wait_for(self, count):
        with self.answered:
            self.answered.wait_for(lambda: len(self.seen) >= count, 10)
        return self.ids()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def grant(**changes):
    answer = {
        "permit_id": "p1",
        "pair": "UZ_uzmobile",
        "lease_ms": 2000,
        "remaining": 9,
        "granted_uptime_ms": signalbox._uptime() * 1000,
        "boot_id": signalbox._boot_id(),
    }
    return {**answer, **changes}


NOWHERE = "http://127.0.0.1:9"  # the discard port: refused at once


class ClientTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.double = Double()
        self.addCleanup(self.double.close)
        self.errors = io.StringIO()
        redirect = contextlib.redirect_stderr(self.errors)
        redirect.__enter__()
        self.addCleanup(redirect.__exit__, None, None, None)

    def box(self, url=None, **options):
        options = {"token": "t", "pairs": "UZ_uzmobile", "session": "s_1", "spool": self.folder, **options}
        box = Signalbox(url=url or self.double.url, **options)
        self.addCleanup(box.close, 0.1)
        return box

    def run_child(self, code, *words):
        """Runs code in a Python of its own, with the client imported and `box` on our spool."""
        start = f"import sys, os, signal; sys.path.insert(0, {HERE!r}); from signalbox import Signalbox\n"
        start += f"box = Signalbox(url=sys.argv[1], token='t', pairs='UZ_uzmobile', session='s_1', spool={self.folder!r})\n"
        return subprocess.run([sys.executable, "-c", start + code, *words], stderr=subprocess.DEVNULL, timeout=30).returncode


class Permits(ClientTest):
    def test_a_permit_names_its_pair_and_ends_before_its_lease(self):
        permit = self.box().permit(timeout=1)
        self.assertTrue(permit and permit.valid())
        self.assertEqual(permit.pair, "UZ_uzmobile")
        self.assertLess(permit._ends - signalbox._uptime(), 1.6)
        self.assertEqual(self.double.tokens, {"Bearer t"})

    def test_no_signalbox_no_permit(self):
        began = time.monotonic()
        permit = self.box(NOWHERE).permit(timeout=0.3)
        self.assertFalse(permit)
        self.assertEqual(permit.reason, "no_answer")
        self.assertGreaterEqual(time.monotonic() - began, 0.3)
        self.assertLess(time.monotonic() - began, 1)
        self.assertIn("no permits", self.errors.getvalue())

    def test_a_permit_that_arrives_after_its_lease_is_thrown_away(self):
        late = grant(permit_id="late", lease_ms=50)
        answers = [late, grant(permit_id="good", lease_ms=2000)]

        def answer(body):
            following = answers.pop(0)
            if following["permit_id"] == "late":
                following["granted_uptime_ms"] = signalbox._uptime() * 1000
                time.sleep(0.06)
            else:
                following["granted_uptime_ms"] = signalbox._uptime() * 1000
            return 201, following

        self.double.permits = answer
        box = self.box()
        self.assertEqual(box.permit(timeout=2).id, "good")
        self.assertEqual(box.discarded, 1)

    def test_asks_again_after_a_refusal_when_told(self):
        answers = [(429, {"reason": "rate", "retry_after_ms": 80}), (503, {"reason": "limiter_down", "retry_after_ms": 80}), (201, grant())]
        self.double.permits = lambda body: answers.pop(0)
        began = time.monotonic()
        self.assertTrue(self.box().permit(timeout=2))
        self.assertGreaterEqual(time.monotonic() - began, 0.16)

    def test_a_message_that_expired_is_not_asked_for_again(self):
        answers = [(409, {"reason": "expired", "detail": "drop the message"}), (201, grant())]
        self.double.permits = lambda body: answers.pop(0)
        began = time.monotonic()
        permit = self.box().permit(timeout=5)
        self.assertFalse(permit)
        self.assertEqual(permit.reason, "expired")
        self.assertLess(time.monotonic() - began, 2)

    def test_an_unknown_pair_is_said_once_and_costs_the_whole_timeout(self):
        self.double.permits = lambda body: (404, {"reason": "unknown_pair", "detail": "no pair UZ_x"})
        box = self.box()
        for _ in range(2):
            began = time.monotonic()
            self.assertFalse(box.permit("UZ_x", timeout=0.2))
            self.assertGreaterEqual(time.monotonic() - began, 0.2)
        self.assertEqual(self.errors.getvalue().count("no pair UZ_x"), 1)

    def test_a_question_to_this_machine_waits_long_one_to_another_short(self):
        box = self.box()
        box.permit(timeout=60)
        self.assertGreaterEqual(self.double.asked[-1]["wait_ms"], 29_000)
        self.double.permits = lambda body: (201, grant(boot_id="another"))
        self.assertTrue(box.permit(timeout=60))
        self.assertTrue(box.permit(timeout=60))
        self.assertLessEqual(self.double.asked[-1]["wait_ms"], 1000)

    def test_on_another_machine_the_lease_counts_from_the_question(self):
        def answer(body):
            time.sleep(0.1)
            return 201, grant(boot_id="another", lease_ms=100)

        self.double.permits = answer
        box = self.box()
        self.assertFalse(box.permit(timeout=0.3))
        self.assertGreaterEqual(box.discarded, 1)

    def test_a_signalbox_that_hangs_holds_the_program_no_longer_than_told(self):
        released = threading.Event()
        self.addCleanup(released.set)
        self.double.permits = lambda body: (released.wait(10), (201, grant()))[1]
        began = time.monotonic()
        self.assertFalse(self.box().permit(timeout=0.2))
        self.assertLess(time.monotonic() - began, 1.8)

    def test_garbage_instead_of_an_answer_costs_a_permit_and_never_the_program(self):
        self.double.permits = lambda body: (201, {"permit_id": None})
        permit = self.box().permit(timeout=0.1)
        self.assertFalse(permit)
        self.assertIsInstance(permit, Permit)

    def test_follows_signalbox_to_another_port(self):
        endpoint = os.path.join(self.folder, "endpoint")
        moved = Double()
        self.addCleanup(moved.close)
        with open(endpoint, "w") as file:
            file.write(self.double.url + "\n")
        os.environ["SIGNALBOX_ENDPOINT_FILE"] = endpoint
        self.addCleanup(os.environ.pop, "SIGNALBOX_ENDPOINT_FILE")
        box = Signalbox(token="t", pairs="UZ_uzmobile", spool=self.folder)
        self.assertTrue(box.permit(timeout=1))
        self.double.permits = lambda body: (0, {})
        with open(endpoint, "w") as file:
            file.write(moved.url + "\n")
        self.assertTrue(box.permit(timeout=2))
        self.assertEqual(len(moved.asked), 1)


class Reports(ClientTest):
    def test_a_report_carries_what_it_was_told(self):
        box = self.box()
        permit = box.permit(timeout=1)
        self.assertTrue(box.report("m1", "submitted", permit=permit, gateway_message_id="a81f3c", phone="+998901234567", at=1767614400.5, gateway="cheap", credit=41.5))
        self.assertTrue(box.flush())
        self.assertEqual(
            self.double.seen,
            [
                {
                    "country": "UZ",
                    "operator": "uzmobile",
                    "message_id": "m1",
                    "state": "submitted",
                    "at": "2026-01-05T12:00:00.500Z",
                    "permit_id": "p1",
                    "session": "s_1",
                    "gateway": "cheap",
                    "gateway_message_id": "a81f3c",
                    "phone": "+998901234567",
                    "credit": 41.5,
                }
            ],
        )

    def test_an_attempt_does_not_free_the_slot_of_a_message_not_yet_handed_over(self):
        box = self.box()
        box.report("m1", "attempt", permit="p1", pair="UZ_uzmobile")
        box.flush()
        self.assertNotIn("permit_id", self.double.seen[0])

    def test_is_on_disk_when_report_returns(self):
        self.box(NOWHERE).report("m1", "delivered")
        (name,) = os.listdir(self.folder)
        with open(os.path.join(self.folder, name)) as file:
            self.assertEqual(json.loads(file.readlines()[1])["message_id"], "m1")

    def test_nothing_is_lost_by_kill_or_term(self):
        for end in ("SIGKILL", "SIGTERM"):
            code = f"for n in range(3000): box.report('{end}%d' % n, 'delivered')\nos.kill(os.getpid(), signal.{end})"
            self.assertEqual(self.run_child(code, NOWHERE), -getattr(signal, end))
        self.box()
        expected = [f"{end}{n}" for end in ("SIGKILL", "SIGTERM") for n in range(3000)]
        self.assertEqual(self.double.wait_for(6000), expected)

    def test_what_was_sent_before_a_kill_is_not_sent_again(self):
        code = "box.report('a', 'delivered'); assert box.flush()\nbox._url_given = 'http://127.0.0.1:9'; box._url = ''\n"
        code += "[c.close() for c in box._idle]\nbox.report('b', 'delivered'); os.kill(os.getpid(), 9)"
        self.run_child(code, self.double.url)
        self.box()
        self.assertEqual(self.double.wait_for(2), ["a", "b"])
        self.assertEqual(self.double.repeats, 0)

    def test_a_program_that_ends_by_itself_leaves_no_spool_behind(self):
        self.assertEqual(self.run_child("for n in range(20): box.report('m%d' % n, 'delivered')", self.double.url), 0)
        self.assertEqual(len(self.double.ids()), 20)
        self.assertEqual(os.listdir(self.folder), [])

    def test_nothing_is_lost_or_doubled_while_signalbox_comes_and_goes(self):
        moods = iter(["down", "lost", "fine", "lost", "down", "fine", "down"] * 50)

        def flap(items):
            mood = next(moods)
            if mood == "down":
                return 503, {"reason": "store_down", "retry_after_ms": 10}
            answer = self.double.accept(items)
            return (0, {}) if mood == "lost" else answer

        self.double.results = flap
        box = self.box()
        for n in range(2000):
            box.report(f"m{n}", "delivered")
        while len(self.double.seen) < 2000:
            box.flush(5)
        self.assertEqual(self.double.ids(), [f"m{n}" for n in range(2000)])
        self.assertGreater(self.double.repeats, 0)  # the same items again, by their keys: Signalbox counts them once

    def test_parent_and_child_of_a_fork_both_report(self):
        code = "box.report('before', 'delivered')\npid = os.fork()\n"
        code += "for n in range(100): box.report(('child%d' if pid == 0 else 'parent%d') % n, 'delivered')\n"
        code += "ids = [box.new_message_id() for _ in range(3)]\n"
        code += "if pid == 0: box.flush(); os._exit(0)\nos.waitpid(pid, 0)\n"
        self.assertEqual(self.run_child(code, self.double.url), 0)
        expected = {"before", *(f"child{n}" for n in range(100)), *(f"parent{n}" for n in range(100))}
        self.assertEqual(set(self.double.ids()), expected)
        self.assertEqual(self.double.repeats, 0)

    def test_beyond_its_bound_the_newest_is_refused_and_counted(self):
        box = self.box(NOWHERE, spool_limit=20_000)
        told = [box.report(f"m{n}", "delivered") for n in range(500)]
        kept = told.count(True)
        self.assertEqual(told, [True] * kept + [False] * (500 - kept))
        self.assertEqual(box.lost, 500 - kept)
        self.assertEqual(self.errors.getvalue().count("reports are being lost"), 1)
        self.assertLessEqual(sum(os.path.getsize(os.path.join(self.folder, name)) for name in os.listdir(self.folder)), 20_100)
        box._url_given, box._url = self.double.url, ""
        self.assertTrue(box.flush(10))
        self.assertEqual(self.double.ids(), [f"m{n}" for n in range(kept)])
        self.assertTrue(box.report("later", "delivered"))

    def test_the_spool_shrinks_when_all_is_sent(self):
        box = self.box()
        for n in range(8000):
            box.report(f"m{n}", "delivered", phone="x" * 60)
        self.assertTrue(box.flush(10))
        self.assertEqual(self.double.ids(), [f"m{n}" for n in range(8000)])
        (name,) = os.listdir(self.folder)
        self.assertLess(os.path.getsize(os.path.join(self.folder, name)), 100)
        self.assertTrue(box.report("last", "delivered") and box.flush())
        self.assertEqual(self.double.ids()[-1], "last")

    def test_a_rejected_item_is_kept_aside_and_said_once(self):
        def reject_odd(items):
            bad = [n for n, item in enumerate(items) if int(item["message_id"][1:]) % 2]
            self.double.accept([item for n, item in enumerate(items) if n not in bad])
            return 202, {"accepted": 0, "duplicate": 0, "rejected": [{"index": n, "field": "at", "message": "is too old"} for n in bad]}

        self.double.results = reject_odd
        box = self.box()
        for n in range(10):
            box.report(f"m{n}", "delivered")
        box.flush()
        self.assertEqual(self.double.ids(), ["m0", "m2", "m4", "m6", "m8"])
        with open(os.path.join(self.folder, "rejected.ndjson")) as file:
            rows = [json.loads(line) for line in file]
        self.assertEqual([json.loads(row["item"])["message_id"] for row in rows], ["m1", "m3", "m5", "m7", "m9"])
        self.assertEqual(rows[0]["why"]["message"], "is too old")
        self.assertEqual(self.errors.getvalue().count("is too old"), 1)
        self.assertEqual(box.rejected, 5)

    def test_a_batch_of_nothing_but_bad_items_is_set_aside_in_one_go(self):
        asked = []

        def refuse(items):
            asked.append(len(items))
            errors = [{"field": f"[{n}].state", "message": "must be one of"} for n in range(len(items))]
            return (400, {"detail": "Nothing was accepted", "errors": errors}) if items[0]["state"] == "sent" else self.double.accept(items)

        self.double.results = refuse
        box = self.box()
        for n in range(20):
            box.report(f"m{n}", "sent")
        self.assertTrue(box.flush())
        box.report("good", "delivered")
        self.assertTrue(box.flush())
        self.assertEqual((box.rejected, self.double.ids()), (20, ["good"]))
        self.assertLessEqual(len(asked), 21)

    def test_one_poisonous_line_does_not_hold_up_the_others(self):
        def choke(items):
            if any(item["message_id"] == "poison" for item in items):
                return 400, {"detail": "no JSON"}
            return self.double.accept(items) if len(items) <= 40 else (413, {})

        self.double.results = choke
        box = self.box()
        for n in range(100):
            box.report("poison" if n == 57 else f"m{n}", "delivered")
        box.flush(10)
        self.assertEqual(self.double.ids(), [f"m{n}" for n in range(100) if n != 57])
        self.assertEqual(box.rejected, 1)

    def test_a_rotated_token_is_read_again(self):
        path = os.path.join(self.folder, "token")
        with open(path, "w") as file:
            file.write("old\n")
        os.environ["SIGNALBOX_TOKEN_FILE"] = path
        self.addCleanup(os.environ.pop, "SIGNALBOX_TOKEN_FILE")
        refused = threading.Event()

        def only_new(items):
            if "Bearer new" not in self.double.tokens:
                refused.set()
                return 401, {}
            return self.double.accept(items)

        self.double.results = only_new
        box = self.box(token=None)
        box.report("m1", "delivered")
        self.assertTrue(refused.wait(5))
        with open(path, "w") as file:
            file.write("new\n")
        box.flush()
        self.assertEqual(self.double.wait_for(1), ["m1"])

    def test_a_torn_last_line_is_left_out(self):
        with open(os.path.join(self.folder, "000-1.spool"), "w") as file:
            file.write(f'{24:023d}\n{{"message_id":"whole","state":"delivered"}}\n{{"message_id":"to')
        box = self.box()
        self.assertEqual(self.double.wait_for(1), ["whole"])
        box.flush()
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("000")], [])

    def test_a_line_that_a_full_disk_cut_short_costs_no_other(self):
        box = self.box(NOWHERE)
        box.report("before", "delivered")
        whole, cut = os.write, []

        def short(fd, data):
            if not cut:
                cut.append(data)
                return whole(fd, data[:20])
            return whole(fd, data)

        os.write = short
        self.addCleanup(setattr, os, "write", whole)
        self.assertFalse(box.report("cut", "delivered"))
        self.assertTrue(box.report("after", "delivered"))
        (name,) = os.listdir(self.folder)
        with open(os.path.join(self.folder, name)) as file:
            before, torn, after = file.read().splitlines()[1:]
        self.assertEqual([json.loads(line)["message_id"] for line in (before, after)], ["before", "after"])
        self.assertRaises(ValueError, json.loads, torn)

    def test_a_spool_whose_head_a_power_cut_spoiled_is_sent_from_its_start(self):
        with open(os.path.join(self.folder, "000-1.spool"), "wb") as file:
            file.write(bytes(24) + b'{"message_id":"kept","state":"delivered"}\n')
        self.box()
        self.assertEqual(self.double.wait_for(1), ["kept"])

    def test_a_signal_handler_may_report_in_the_middle_of_a_report(self):
        code = "import itertools; ticks = itertools.count()\ndef tick(*_): box.report('h%d' % next(ticks), 'delivered')\n"
        code += "signal.signal(signal.SIGALRM, tick); signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0003)\n"
        code += "for n in range(20000): box.report('m%d' % n, 'delivered')\n"
        code += "signal.setitimer(signal.ITIMER_REAL, 0); box.report('count%d' % next(ticks), 'delivered'); os.kill(os.getpid(), 9)"
        self.run_child(code, NOWHERE)
        self.box()
        with self.double.answered:
            self.assertTrue(self.double.answered.wait_for(lambda: self.double.seen and self.double.ids()[-1].startswith("count"), 10))
        ids = self.double.ids()
        handled = int(ids[-1][len("count") :])
        self.assertGreater(handled, 10)
        self.assertEqual(set(ids[:-1]), {*(f"m{n}" for n in range(20000)), *(f"h{n}" for n in range(handled))})

    def test_a_signal_handler_may_report_while_a_spool_file_is_begun(self):
        box = self.box(NOWHERE, spool_limit=40_000)
        create, nested = signalbox._Spool.create, []

        def interrupted(folder):
            if len(nested) < 4:
                nested.append(f"h{len(nested)}")
                signalbox._Spool.create = create
                self.assertTrue(box.report(nested[-1], "delivered"))
                signalbox._Spool.create = interrupted
            return create(folder)

        signalbox._Spool.create = interrupted
        self.addCleanup(setattr, signalbox._Spool, "create", create)
        told = [f"m{n}" for n in range(250) if box.report(f"m{n}", "delivered")]
        self.assertGreaterEqual(len(nested), 3)  # so often a file of 40 KB in all is begun
        box._url_given, box._url = self.double.url, ""
        self.assertTrue(box.flush(10))
        self.assertEqual(sorted(self.double.ids()), sorted([*told, *nested]))
        self.assertEqual(box._left_bytes, 0)

    def test_nonsense_is_refused_without_an_exception(self):
        box = self.box()
        self.assertFalse(box.report("m", "delivered", at="x" * 100_000))
        self.assertFalse(box.report("m", "delivered", at=object()))
        self.assertFalse(box.report_counts(sent=float("nan")))
        self.assertFalse(self.box(pairs="UZ_a,UZ_b").report("m", "delivered"))
        self.assertEqual(box.lost, 3)

    def test_counts_of_one_moment_keep_apart(self):
        box = self.box()
        for _ in range(5):
            self.assertTrue(box.report_counts(3, success_rate=0.5, errors=["30008"]))
        self.assertTrue(box.flush())
        self.assertEqual(len({item["timestamp"] for item in self.double.seen}), 5)
        self.assertEqual(self.double.seen[0]["messages_sent"], 3)
        self.assertEqual(self.double.seen[0]["session_id"], "s_1")

    def test_a_report_of_counts_is_taken_as_simple_programs_write_it(self):
        box = self.box()
        report = {"session_id": "x", "country_code": "UA", "operator_name": "3mob", "messages_sent": 10, "success_rate": 0.9, "errors": ["30003"]}
        self.assertTrue(box.report_counts({**report, "timestamp": 1767614400.5}))
        self.assertTrue(box.report_counts({"messages_sent": 7, "delivered": 5}, kind="cumulative"))
        self.assertTrue(box.flush())
        told, bare = self.double.seen
        self.assertEqual(told, {**report, "session_id": "s_1", "kind": "interval", "timestamp": "2026-01-05T12:00:00.500Z"})
        self.assertEqual((bare["country"], bare["operator"], bare["kind"]), ("UZ", "uzmobile", "cumulative"))

    def test_a_full_spool_file_is_deleted_as_soon_as_it_is_sent(self):
        box = self.box(NOWHERE, spool_limit=40_000)
        told = 0
        while box.report(f"m{told}", "delivered"):
            told += 1
        self.assertGreaterEqual(len(os.listdir(self.folder)), 4)
        box._url_given, box._url = self.double.url, ""
        self.assertTrue(box.flush(10))
        self.assertEqual(self.double.ids(), [f"m{n}" for n in range(told)])
        self.assertEqual(len(os.listdir(self.folder)), 1)
        self.assertEqual((box._left, box._left_bytes), ([], 0))

    def test_a_program_that_never_pauses_keeps_its_disk_bounded(self):
        box = self.box(spool_limit=80_000)
        for n in range(6000):
            while not box.report(f"m{n}", "delivered"):
                box.flush(0.05)
        self.assertTrue(box.flush(10))
        self.assertEqual(self.double.ids(), [f"m{n}" for n in range(6000)])

    def test_message_ids_are_unique_and_in_order(self):
        box = self.box()
        ids = [box.new_message_id() for _ in range(5000)]
        self.assertEqual(ids, sorted(set(ids)))

    def test_reports_of_many_threads_all_arrive(self):
        box = self.box()
        threads = [threading.Thread(target=lambda t=t: [box.report(f"{t}-{n}", "delivered") for n in range(200)]) for t in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertTrue(box.flush())
        self.assertEqual(len(self.double.seen), 1600)


class Wrappers(ClientTest):
    def program(self, box, gateway):
        class SendSMS:
            error_code = None

            def __init__(self, phone_number):
                self.phone_number = phone_number

            @box.sends
            def send(self, text):
                answer = gateway(text)
                self.error_code = answer.split()[1] if answer.startswith("error") else None
                return answer.split("id=")[-1].strip() if "sent successfully" in answer else None

        class SubmitSMS:
            @box.submits
            def submit(self, trigger_id):
                return {"a1": True, "a2": False}.get(trigger_id)

        return SendSMS, SubmitSMS

    def test_the_usual_two_classes_report_by_themselves(self):
        box = self.box()
        answers = ["OTP sent successfully id=a1", "OTP sent successfully id=a2", "OTP sent successfully id=a3", "error 30003 absent subscriber"]
        send, submit = self.program(box, lambda text: answers.pop(0))
        self.assertEqual([send("+99890").send("hello") for _ in range(4)], ["a1", "a2", "a3", None])
        self.assertEqual([submit().submit(trigger) for trigger in ("a1", "a2", "a3")], [True, False, None])
        self.assertTrue(box.flush())
        attempts, seen = self.attempts_and_rest()
        states = [(item.get("gateway_message_id"), item["state"], item.get("error_code")) for item in seen]
        self.assertEqual(states[:4], [("a1", "submitted", None), ("a2", "submitted", None), ("a3", "submitted", None), (None, "failed", "30003")])
        self.assertEqual([item["state"] for item in seen[4:]], ["delivered", "undelivered"])
        self.assertEqual(seen[4]["message_id"], seen[0]["message_id"])
        self.assertEqual([item["message_id"] for item in attempts], [item["message_id"] for item in seen[:4]])
        self.assertEqual({item.get("permit_id") for item in attempts}, {None})
        self.assertNotIn("hello", json.dumps(self.double.seen))

    def attempts_and_rest(self):
        attempts = [item for item in self.double.seen if item["state"] == "attempt"]
        return attempts, [item for item in self.double.seen if item["state"] != "attempt"]

    def test_without_a_permit_nothing_is_sent(self):
        def gateway(text):
            self.fail("sent without a permit")

        box = self.box(NOWHERE)
        send, _ = self.program(box, gateway)
        send.send = box.sends(send.send.__wrapped__, timeout=0.1)
        self.assertIsNone(send("+99890").send("hello"))

    def test_an_exception_is_reported_and_passed_on(self):
        def gateway(text):
            raise ConnectionRefusedError(111, "refused")

        box = self.box()
        send, _ = self.program(box, gateway)
        with self.assertRaises(ConnectionRefusedError):
            send("+99890").send("hello")
        self.assertTrue(box.flush())
        _, (seen,) = self.attempts_and_rest()
        self.assertEqual((seen["state"], seen["error_code"], seen["phone"]), ("failed", "ConnectionRefusedError", "+99890"))

    def test_the_attempt_is_on_disk_before_the_call_and_costs_no_request_of_its_own(self):
        posts = []
        self.double.results = lambda items: posts.append(len(items)) or self.double.accept(items)
        box = self.box()

        def gateway(text):
            (name,) = os.listdir(self.folder)
            with open(os.path.join(self.folder, name)) as file:
                self.assertEqual([json.loads(line)["state"] for line in file.readlines()[1:]], ["attempt"])
            return "OTP sent successfully id=a1"

        send, _ = self.program(box, gateway)
        send("+99890").send("hello")
        self.assertTrue(box.flush())
        self.assertEqual(posts, [2])

    def test_a_plain_function_is_decorated_like_a_method(self):
        box = self.box()

        @box.sends
        def send_sms(phone, text):
            return "a7"

        @box.submits
        def receipt(trigger):
            return True

        self.assertEqual((send_sms("+99890", "hello"), receipt("a7")), ("a7", True))
        self.assertEqual(send_sms(text="hello", phone="+99891"), "a7")
        self.assertTrue(box.flush())
        _, seen = self.attempts_and_rest()
        self.assertEqual([(item["state"], item.get("phone")) for item in seen], [("submitted", "+99890"), ("delivered", None), ("submitted", "+99891")])

    def test_a_method_that_says_false_while_a_receipt_is_pending_reports_only_deliveries(self):
        box = self.box()
        send = box.sends(gateway="cheap")(lambda to: "a9")
        answers = [False, False, True]
        receipt = box.submits(false="pending")(lambda trigger: answers.pop(0))
        send("+99890")
        self.assertEqual([receipt("a9") for _ in range(3)], [False, False, True])
        self.assertTrue(box.flush())
        _, seen = self.attempts_and_rest()
        self.assertEqual([(item["state"], item.get("gateway")) for item in seen], [("submitted", "cheap"), ("delivered", None)])

    def test_a_coroutine_waits_for_its_permit_without_holding_up_the_loop(self):
        import asyncio

        granted = threading.Event()
        self.double.permits = lambda body: (granted.wait(5), (201, grant()))[1]
        box = self.box()

        @box.sends
        async def send(phone_number):
            await asyncio.sleep(0)
            return "a5"

        @box.submits
        async def receipt(trigger):
            return False

        async def program():
            sending = asyncio.ensure_future(send("+99890"))
            await asyncio.sleep(0.01)  # the loop has its turn while the permit is waited for
            granted.set()
            return await sending, await receipt("a5")

        self.assertEqual(asyncio.run(program()), ("a5", False))
        self.assertTrue(box.flush())
        _, seen = self.attempts_and_rest()
        self.assertEqual([item["state"] for item in seen], ["submitted", "undelivered"])


class File(ClientTest):
    def test_is_python_3_8(self):
        with open(os.path.join(HERE, "signalbox.py")) as file:
            ast.parse(file.read(), feature_version=(3, 8))

    def test_loads_none_of_the_heavy_modules(self):
        code = f"import sys; sys.path.insert(0, {HERE!r}); import signalbox\n"
        code += f"signalbox.Signalbox(url={NOWHERE!r}, token='t', pairs='UZ_uzmobile', spool={self.folder!r}).permit(timeout=0)\n"
        code += "print([m for m in ('ssl', 'email', 'typing', 'encodings.idna') if m in sys.modules])"
        answer = subprocess.run([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=10)
        self.assertEqual(answer.stdout.strip(), b"[]")

    def check(self, **variables):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SIGNALBOX_")}
        environment = {**clean, "SIGNALBOX_SPOOL": self.folder, "PYTHONDONTWRITEBYTECODE": "1", **variables}
        words = [sys.executable, os.path.join(HERE, "signalbox.py"), "check"]
        answer = subprocess.run(words, env=environment, stdout=subprocess.PIPE, timeout=10)
        return answer.returncode, answer.stdout.decode()

    def test_check_says_that_all_is_well_and_uses_nothing_up(self):
        self.double.permits = lambda body: (400, {})
        self.double.results = lambda items: (400, {})
        with open(os.path.join(self.folder, "000-1.spool"), "w") as file:
            file.write(f'{24:023d}\n{{"message_id":"waits","state":"delivered"}}\n')
        code, said = self.check(SIGNALBOX_URL=self.double.url, SIGNALBOX_TOKEN="t", SIGNALBOX_PAIRS="UZ_uzmobile")
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r"address +ok.*\npermits +ok.*\nresults +ok.*\npairs +ok +UZ_uzmobile\nspool +ok .* bytes of ended programs wait.*\nall is well")
        self.assertEqual((self.double.seen, self.double.asked), ([], [{}]))

    def test_check_says_what_is_wrong_and_how_to_mend_it(self):
        answers = {401: "token     WRONG", 403: "scope results", 503: "reports wait on disk", 200: "is it Signalbox"}
        self.double.permits = lambda body: (400, {})
        for status, words in answers.items():
            self.double.results = lambda items, status=status: (status, {})
            code, said = self.check(SIGNALBOX_URL=self.double.url, SIGNALBOX_TOKEN="t")
            self.assertEqual(code, 1)
            self.assertIn(words, said)
        file = os.path.join(self.folder, "file")
        open(file, "w").close()
        for variables, words in (
            ({}, "neither SIGNALBOX_ENDPOINT_FILE nor SIGNALBOX_URL is set"),
            ({"SIGNALBOX_ENDPOINT_FILE": "/nowhere"}, "/nowhere, which is not there\n          ->     start Signalbox"),
            ({"SIGNALBOX_URL": NOWHERE}, "nobody listens"),
            ({"SIGNALBOX_URL": self.double.url}, "neither SIGNALBOX_TOKEN_FILE nor SIGNALBOX_TOKEN"),
            ({"SIGNALBOX_URL": self.double.url, "SIGNALBOX_TOKEN_FILE": file}, f"{file} is empty"),
            ({"SIGNALBOX_PAIRS": "[1"}, "write it like UZ_uzmobile"),
            ({"SIGNALBOX_SPOOL": os.path.join(file, "spool")}, "cannot be written"),
        ):
            code, said = self.check(**variables)
            self.assertEqual(code, 1)
            self.assertIn(words, said)


if __name__ == "__main__":
    unittest.main()
