#!/usr/bin/env python3
"""program1: the usual two classes. Signalbox's two decorators are all that was added to pace and measure it."""

import argparse
import os
import random
import sys
import threading
import time
import urllib.parse
from queue import SimpleQueue

sys.modules["ssl"] = None  # the gateway speaks plain HTTP; TLS would cost 4 MB in each session
import http.client

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.dirname(os.environ.get("SIGNALBOX_CLIENT") or os.path.join(HERE, "..", "client", "signalbox.py")))
from signalbox import Signalbox

flags = argparse.ArgumentParser(description=__doc__)
for name in ("--country", "--operator", "--gateway", "--session"):
    flags.add_argument(name)
flags = flags.parse_known_args()[0]
gateway = flags.gateway or os.environ.get("GATEWAY_URL", "http://127.0.0.1:8090")
box = Signalbox(pairs=f"{flags.country}_{flags.operator}" if flags.country else None)


def ask(method, path, form=None):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(gateway).netloc, timeout=10)
    try:
        connection.request(method, path, form and urllib.parse.urlencode(form))
        return connection.getresponse().read().decode()
    finally:
        connection.close()


class SendSMS:
    error_code = None

    def __init__(self, phone_number):
        self.phone_number = phone_number

    @box.sends
    def send(self, text):
        answer = ask("POST", "/send", {"to": self.phone_number, "text": text, "pair": box.pairs[0]})
        print(time.strftime("%F %T"), self.phone_number, answer, flush=True)
        if "sent successfully" in answer:
            return answer.split("id=")[-1].strip()
        self.error_code = answer.split()[1] if answer.startswith("error ") else None
        return None


class SubmitSMS:
    """Reports the receipt of one message back; never a code."""

    error_code = None

    @box.submits
    def submit(self, trigger_id):
        answer = ask("GET", f"/status?id={trigger_id}")
        print(time.strftime("%F %T"), trigger_id, answer, flush=True)
        if not answer.startswith(("delivered", "failed")):
            return None
        self.error_code = answer.split("error ")[1].split()[0] if "error " in answer else None
        return "submitted successfully" in answer


def submit_all(triggers):
    """Asks for each receipt every 3 s, for 10 minutes."""
    while True:
        due, trigger, tries = triggers.get()
        time.sleep(max(0, due - time.monotonic()))
        try:
            submitted = SubmitSMS().submit(trigger)
        except OSError as error:
            print(time.strftime("%F %T"), trigger, error, flush=True)
            submitted = None
        if submitted is None and tries < 200:
            triggers.put((time.monotonic() + 3, trigger, tries + 1))


if __name__ == "__main__":
    triggers = SimpleQueue()
    threading.Thread(target=submit_all, args=(triggers,), daemon=True).start()
    while True:
        # +999 is nobody's: numbers of the samples are never real
        trigger = SendSMS(f"+999{random.randrange(10**9):09d}").send("Your code is 123456")
        if trigger:
            triggers.put((time.monotonic() + 3, trigger, 0))
