#!/usr/bin/env python3
"""program4: knows no receipts; asks permits and now and then says how many it sent and what share the gateway took."""

import argparse
import os
import random
import sys
import time
import urllib.parse

sys.modules["ssl"] = None  # the gateway speaks plain HTTP; TLS would cost 4 MB in each session
import http.client

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.dirname(os.environ.get("SIGNALBOX_CLIENT") or os.path.join(HERE, "..", "client", "signalbox.py")))
from signalbox import Signalbox

flags = argparse.ArgumentParser(description=__doc__)
flags.add_argument("--interval", type=float, default=15, help="seconds between two reports")
for name in ("--country", "--operator", "--gateway", "--session"):
    flags.add_argument(name)
flags = flags.parse_known_args()[0]
gateway = flags.gateway or os.environ.get("GATEWAY_URL", "http://127.0.0.1:8090")
box = Signalbox(pairs=f"{flags.country}_{flags.operator}" if flags.country else None)


class SendSMS:
    def __init__(self, phone_number):
        self.phone_number = phone_number

    def send(self, text):
        """None when sent, else the gateway's error code."""
        form = urllib.parse.urlencode({"to": self.phone_number, "text": text, "pair": box.pairs[0]})
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(gateway).netloc, timeout=10)
        try:
            connection.request("POST", "/send", form)
            answer = connection.getresponse().read().decode()
        except (OSError, http.client.HTTPException) as error:
            answer = f"error {type(error).__name__}"
        finally:
            connection.close()
        print(time.strftime("%F %T"), self.phone_number, answer, flush=True)
        return None if "sent successfully" in answer else answer.split()[1]


class SubmitCounts:
    """Reports the counts of each interval; never a number or a code."""

    def __init__(self):
        self.begin()

    def begin(self):
        self.sent, self.errors, self.ends = 0, {}, time.monotonic() + flags.interval

    def count(self, error):
        self.sent += 1
        if error:
            self.errors[error] = self.errors.get(error, 0) + 1

    def submit(self):
        if time.monotonic() < self.ends:
            return
        if self.sent:
            failed = sum(self.errors.values())
            box.report_counts(self.sent, success_rate=(self.sent - failed) / self.sent, errors=self.errors)
            print(time.strftime("%F %T"), f"{self.sent} sent, {failed} failed, submitted successfully", flush=True)
        self.begin()


if __name__ == "__main__":
    counts = SubmitCounts()
    while True:
        # counted within the interval even while the country's slots are taken; a report must not wait for a permit
        permit = box.permit(timeout=flags.interval if counts.sent else 60)
        if permit:
            # +999 is nobody's: numbers of the samples are never real
            counts.count(SendSMS(f"+999{random.randrange(10**9):09d}").send("Your balance was topped up"))
        counts.submit()
