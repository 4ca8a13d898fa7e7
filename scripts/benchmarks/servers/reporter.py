"""What a program pays for report(): `rate` beside a queue.put of the same dict, `away N` with Signalbox away at first, `bound N` over a small spool.

Prints a line of JSON for each figure taken. The client is on PYTHONPATH, the rest in its environment.
"""

import json
import os
import queue
import sys
import threading
import time

from signalbox import Signalbox

EVERY_S = 0.01  # 100 a second
BLOCK = 400
BLOCKS = 3


def say(**figures):
    print(json.dumps(figures), flush=True)


def status_kb(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))


def spooled_bytes(box):
    return sum(os.path.getsize(os.path.join(box.folder, name)) for name in os.listdir(box.folder) if name.endswith(".spool"))


def rate():
    box, items = Signalbox(), queue.Queue()
    threading.Thread(target=lambda: [item for item in iter(items.get, None)], daemon=True).start()
    start = f"{os.getpid():x}"

    def put(n):
        items.put({
            "country": "UZ", "operator": "operator-1", "message_id": f"{start}-p{n}", "state": "attempt", "at": time.time(),
            "error_code": "30003", "gateway_message_id": "a81f3c", "phone": "+998901234567",
        })

    def report(n):
        box.report(f"{start}-r{n}", "attempt", error_code="30003", gateway_message_id="a81f3c", phone="+998901234567")

    took = {put: [], report: []}
    for _ in range(BLOCKS):
        for call in (put, report):
            due = time.perf_counter()
            for n in range(BLOCK):
                due += EVERY_S
                time.sleep(max(0, due - time.perf_counter()))
                from_ns = time.perf_counter_ns()
                call(len(took[call]))
                took[call].append((time.perf_counter_ns() - from_ns) / 1000)
    box.flush(20)
    say(put=took[put], report=took[report], lost=box.lost)


def at_full_speed(count, **options):
    box = Signalbox(**options)
    box.report("first", "attempt")  # what a first report loads is not what the others take
    before, started = status_kb("VmRSS"), time.perf_counter()
    refused = sum(not box.report(f"m{n}", "attempt", phone="+998901234567", gateway_message_id="a81f3c") for n in range(count))
    seconds = time.perf_counter() - started
    say(seconds=seconds, refused=refused, lost=box.lost, spooled_bytes=spooled_bytes(box), grown_kb=status_kb("VmHWM") - before)
    return box, before


def away(count):
    box, before = at_full_speed(count)
    sys.stdin.readline()  # Signalbox is there again
    started = time.perf_counter()
    while not box.flush(60) and time.perf_counter() - started < 120:
        time.sleep(0.05)
    say(seconds=time.perf_counter() - started, waiting_bytes=spooled_bytes(box), rejected=box.rejected, grown_kb=status_kb("VmHWM") - before)


if __name__ == "__main__":
    if sys.argv[1] == "rate":
        rate()
    elif sys.argv[1] == "away":
        away(int(sys.argv[2]))
    else:
        at_full_speed(int(sys.argv[2]), spool_limit=int(sys.argv[3]))
