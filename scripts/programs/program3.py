#!/usr/bin/env python3
"""program3: a batch for several pairs; each message goes to the first pair that gets a slot. Reports by hand, without the decorators."""

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
flags.add_argument("--pairs", help="UZ_uzmobile,UA_3mob; default: those of the session")
for name in ("--country", "--operator", "--gateway", "--session"):
    flags.add_argument(name)
flags = flags.parse_known_args()[0]
gateway = flags.gateway or os.environ.get("GATEWAY_URL", "http://127.0.0.1:8090")
box = Signalbox(pairs=flags.pairs or (f"{flags.country}_{flags.operator}" if flags.country else None))


def ask(method, path, form=None):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(gateway).netloc, timeout=10)
    try:
        connection.request(method, path, form and urllib.parse.urlencode(form))
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def error_in(answer):
    return answer.split("error ")[1].split()[0] if "error " in answer else None


class SendBatch:
    """Sends one message of the batch with whichever permit comes first."""

    def send(self, phone_number, text):
        permit = box.permit(timeout=300)
        if not permit:
            print(time.strftime("%F %T"), "no permit:", permit.reason, flush=True)
            return None
        message_id = box.new_message_id()
        if not permit.valid():
            return None
        try:
            answer = ask("POST", "/send", {"to": phone_number, "text": text, "pair": permit.pair})
        except (OSError, http.client.HTTPException) as error:
            box.report(message_id, "failed", permit=permit, phone=phone_number, error_code=type(error).__name__)
            print(time.strftime("%F %T"), permit.pair, phone_number, error, flush=True)
            return None
        print(time.strftime("%F %T"), permit.pair, phone_number, answer, flush=True)
        if "sent successfully" not in answer:
            box.report(message_id, "failed", permit=permit, phone=phone_number, error_code=error_in(answer))
            return None
        trigger = answer.split("id=")[-1].strip()
        box.report(message_id, "submitted", permit=permit, phone=phone_number, gateway_message_id=trigger)
        return message_id, permit.pair, trigger


class SubmitBatch:
    """Reports receipts, oldest first."""

    def submit(self, message_id, pair, trigger):
        answer = ask("GET", f"/status?id={trigger}")
        print(time.strftime("%F %T"), trigger, answer, flush=True)
        if not answer.startswith(("delivered", "failed")):
            return False
        delivered = "submitted successfully" in answer
        box.report(message_id, "delivered" if delivered else "undelivered", pair=pair, error_code=error_in(answer))
        return True


def submit_all(sent):
    while True:
        due, message, tries = sent.get()
        time.sleep(max(0, due - time.monotonic()))
        try:
            done = SubmitBatch().submit(*message)
        except (OSError, http.client.HTTPException) as error:
            print(time.strftime("%F %T"), message[2], error, flush=True)
            done = False
        if not done and tries < 200:
            sent.put((time.monotonic() + 3, message, tries + 1))


if __name__ == "__main__":
    sent = SimpleQueue()
    threading.Thread(target=submit_all, args=(sent,), daemon=True).start()
    while True:
        # +999 is nobody's: numbers of the samples are never real
        message = SendBatch().send(f"+999{random.randrange(10**9):09d}", "Your appointment is tomorrow")
        if message:
            sent.put((time.monotonic() + 3, message, 0))
