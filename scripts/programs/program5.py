#!/usr/bin/env python3
"""program5: volume. Two threads keep asking and wait ten minutes for a slot if they must; a third one asks for the receipts."""

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


def ask(connection, method, path, form=None):
    try:
        connection.request(method, path, form and urllib.parse.urlencode(form), {"Accept": "application/json"})
        return json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        connection.close()  # the next question opens it anew
        return {"error": {"code": type(error).__name__, "words": str(error)}}


def connect():
    return http.client.HTTPConnection(urllib.parse.urlsplit(gateway).netloc, timeout=10)


class SendSMS:
    error_code = None

    def __init__(self, connection, phone_number):
        self.connection, self.phone_number = connection, phone_number

    @box.sends(timeout=600)
    def send(self, text):
        answer = ask(self.connection, "POST", "/send", {"to": self.phone_number, "text": text, "pair": box.pairs[0]})
        words = f"OTP sent successfully id={answer.get('id')}"
        if "error" in answer:
            self.error_code = answer["error"]["code"]
            words = f"error {self.error_code} {answer['error']['words']}"
        print(time.strftime("%F %T"), self.phone_number, words, flush=True)
        return answer.get("id")


class SubmitSMS:
    error_code = None

    def __init__(self, connection):
        self.connection = connection

    @box.submits
    def submit(self, trigger_id):
        answer = ask(self.connection, "GET", f"/status?id={trigger_id}")
        if answer.get("status") not in ("delivered", "failed"):
            return None
        self.error_code = answer.get("error", {}).get("code")
        delivered = answer["status"] == "delivered"
        words = "delivered, submitted successfully" if delivered else f"failed, error {self.error_code}"
        print(time.strftime("%F %T"), trigger_id, words, flush=True)
        return delivered


def send_all(triggers):
    connection = connect()
    while True:
        # +999 is nobody's: numbers of the samples are never real
        trigger = SendSMS(connection, f"+999{random.randrange(10**9):09d}").send("Your code is 123456")
        if trigger:
            triggers.put((time.monotonic() + 3, trigger, 0))


if __name__ == "__main__":
    triggers, connection = SimpleQueue(), connect()
    for _ in range(2):
        threading.Thread(target=send_all, args=(triggers,), daemon=True).start()
    while True:
        due, trigger, tries = triggers.get()
        time.sleep(max(0, due - time.monotonic()))
        if SubmitSMS(connection).submit(trigger) is None and tries < 200:
            triggers.put((time.monotonic() + 3, trigger, tries + 1))
