#!/usr/bin/env python3
"""program2: notifications over one connection that stays open, with the gateway's answers in JSON."""

import argparse
import json
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


class Line:
    """One open connection to the gateway, for one thread."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(gateway).netloc, timeout=10)

    def ask(self, method, path, form=None):
        try:
            self.connection.request(method, path, form and urllib.parse.urlencode(form), {"Accept": "application/json"})
            return json.loads(self.connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            self.connection.close()  # the next question opens it anew
            raise


class SendNotification:
    error_code = None

    def __init__(self, line, phone_number):
        self.line, self.phone_number = line, phone_number

    @box.sends
    def send(self, text):
        answer = self.line.ask("POST", "/send", {"to": self.phone_number, "text": text, "pair": box.pairs[0]})
        if "error" in answer:
            self.error_code = answer["error"]["code"]
            print(time.strftime("%F %T"), self.phone_number, "error", self.error_code, answer["error"]["words"], flush=True)
            return None
        print(time.strftime("%F %T"), self.phone_number, f"Notification sent successfully id={answer['id']}", flush=True)
        return answer["id"]


class SubmitNotification:
    error_code = None

    def __init__(self, line):
        self.line = line

    @box.submits
    def submit(self, trigger_id):
        answer = self.line.ask("GET", f"/status?id={trigger_id}")
        self.error_code = answer.get("error", {}).get("code")
        status = answer.get("status", "unknown")
        words = {"delivered": "delivered, submitted successfully", "failed": f"failed, error {self.error_code}"}.get(status, status)
        print(time.strftime("%F %T"), trigger_id, words, flush=True)
        return {"delivered": True, "failed": False}.get(status)


def submit_all(triggers):
    line = Line()
    while True:
        due, trigger, tries = triggers.get()
        time.sleep(max(0, due - time.monotonic()))
        try:
            submitted = SubmitNotification(line).submit(trigger)
        except (OSError, http.client.HTTPException, ValueError) as error:
            print(time.strftime("%F %T"), trigger, error, flush=True)
            submitted = None
        if submitted is None and tries < 200:
            triggers.put((time.monotonic() + 3, trigger, tries + 1))


if __name__ == "__main__":
    triggers, line = SimpleQueue(), Line()
    threading.Thread(target=submit_all, args=(triggers,), daemon=True).start()
    while True:
        try:
            # +999 is nobody's: numbers of the samples are never real
            trigger = SendNotification(line, f"+999{random.randrange(10**9):09d}").send("Your parcel is on its way")
            if trigger:
                triggers.put((time.monotonic() + 3, trigger, 0))
        except (OSError, http.client.HTTPException, ValueError) as error:
            print(time.strftime("%F %T"), "no answer from the gateway:", error, flush=True)
            time.sleep(2)
