"""Forks, pools, threads and kills: whatever becomes of a process, what report() returned for arrives, once."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time

from test_signalbox import HERE, NOWHERE, ClientTest

ROUNDS = int(os.environ.get("SIGNALBOX_KILLS", "8"))

REPORTER = """
import os, sys
sys.path.insert(0, {here!r})
from signalbox import Signalbox
box = Signalbox(url=sys.argv[1], token='t', pairs='UZ_uzmobile', session='s_1', spool=sys.argv[2])
n = 0
while True:
    name = f'{{sys.argv[3]}}-{{n}}'
    if box.report(name, 'delivered'):
        os.write(1, (name + '\\n').encode())  # said only when report() has returned
    n += 1
"""


class Processes(ClientTest):
    def test_a_fork_while_threads_report_leaves_nobody_hanging(self):
        code = "import threading, time\nstop = threading.Event()\nsaid = [0] * 4\n"
        code += "def work(t):\n    while not stop.is_set():\n        box.report('t%d-%d' % (t, said[t]), 'delivered'); said[t] += 1; time.sleep(0.0005)\n"
        code += "threads = [threading.Thread(target=work, args=(t,), daemon=True) for t in range(4)]\n[t.start() for t in threads]\n"
        code += "for child in range(10):\n    pid = os.fork()\n    if pid == 0:\n"
        code += "        ok = all(box.report('c%d-%d' % (child, n), 'delivered') for n in range(20)) and box.flush(5)\n"
        code += "        os._exit(0 if ok else 3)\n    assert os.waitpid(pid, 0)[1] == 0\n"
        code += "stop.set(); [t.join() for t in threads]\nassert box.flush(8)\n"
        code += "with open(sys.argv[2], 'w') as file: file.write(' '.join(map(str, said)))"
        told = os.path.join(self.folder, "told")
        self.assertEqual(self.run_child(code, self.double.url, told), 0)
        with open(told) as file:
            threads = {f"t{t}-{n}" for t, said in enumerate(file.read().split()) for n in range(int(said))}
        self.assertEqual(set(self.double.ids()), threads | {f"c{child}-{n}" for child in range(10) for n in range(20)})
        self.assertEqual(self.double.repeats, 0)

    def test_a_pool_of_processes_sends_what_it_reported_before_it_ends(self):
        for method in ("fork", "spawn"):
            box = self.box() if method == "fork" else None
            context = multiprocessing.get_context(method)
            workers = [context.Process(target=report_some, args=(box, self.double.url, self.folder, f"{method}{n}")) for n in range(3)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join(20)
                self.assertEqual(worker.exitcode, 0)
        expected = {f"{method}{n}-{report}" for method in ("fork", "spawn") for n in range(3) for report in range(30)}
        self.assertEqual(set(self.double.ids()), expected)

    def test_a_child_that_is_killed_leaves_its_reports_to_its_parent(self):
        box = self.box()
        pid = os.fork()
        if pid == 0:
            box._url_given, box._url = NOWHERE, ""
            box.report("orphan", "delivered")
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(pid, 0)
        box._left += type(box._next_spool(None)).left_behind(self.folder)
        self.assertTrue(box.flush())
        self.assertEqual(self.double.ids(), ["orphan"])

    def test_killed_at_random_nothing_that_report_returned_for_is_lost_and_nothing_comes_twice(self):
        chance = random.Random(5)
        moods = [self.double.accept, lambda items: (503, {"retry_after_ms": 5}), lambda items: (self.double.accept(items), (0, {}))[1]]
        self.double.results = lambda items: chance.choice(moods)(items)
        returned = []
        for number in range(ROUNDS):
            words = [sys.executable, "-c", REPORTER.format(here=HERE), self.double.url, self.folder, f"r{number}"]
            child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            first = child.stdout.readline()
            rest = []
            reader = threading.Thread(target=lambda: rest.extend(child.stdout))
            reader.start()
            time.sleep(chance.uniform(0, 0.12))
            child.send_signal(chance.choice([signal.SIGTERM, signal.SIGKILL]))
            child.wait(10)
            reader.join(10)
            child.stdout.close()
            returned += [line.decode().strip() for line in [first, *rest]]
        self.double.results = self.double.accept
        box = self.box()
        missing = set(returned)
        ends = time.monotonic() + 20
        while missing and time.monotonic() < ends:
            box.flush(5)
            missing -= set(self.double.ids())
        self.assertEqual(missing, set())
        self.assertGreater(len(returned), ROUNDS)
        ids = self.double.ids()
        self.assertEqual(len(ids), len(set(ids)))
        # what a kill cut off between the write and the return may be there beyond what was said: at most one a round
        self.assertLessEqual(len(ids) - len(set(returned)), ROUNDS)


def report_some(box, url, folder, name):
    from signalbox import Signalbox

    box = box or Signalbox(url=url, token="t", pairs="UZ_uzmobile", session="s_1", spool=folder)
    for n in range(30):
        box.report(f"{name}-{n}", "delivered")
