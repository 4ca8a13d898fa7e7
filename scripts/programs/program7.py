#!/usr/bin/env python3
"""program7: knows nothing of Signalbox and cannot be changed. It only prints; Signalbox measures it by patterns on its output."""

import argparse
import os
import random
import sys
import time
import urllib.parse

sys.modules["ssl"] = None  # the gateway speaks plain HTTP; TLS would cost 4 MB in each session
import http.client

flags = argparse.ArgumentParser(description=__doc__)
flags.add_argument("--interval", type=float, default=6.6, help="seconds between two messages: nobody paces it, so it must itself")
for name in ("--country", "--operator", "--gateway"):
    flags.add_argument(name)
flags = flags.parse_known_args()[0]
gateway = flags.gateway or os.environ.get("GATEWAY_URL", "http://127.0.0.1:8090")


def ask(method, path, form=None):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(gateway).netloc, timeout=10)
    try:
        connection.request(method, path, form and urllib.parse.urlencode(form))
        return connection.getresponse().read().decode().strip()
    except (OSError, http.client.HTTPException) as error:
        return f"no answer: {type(error).__name__}"
    finally:
        connection.close()


class SendSMS:
    def __init__(self, phone_number):
        self.phone_number = phone_number

    def send(self, text):
        form = {"to": self.phone_number, "text": text, "pair": f"{flags.country}_{flags.operator}"}
        answer = ask("POST", "/send", form)
        print(time.strftime("%F %T"), self.phone_number, answer, flush=True)
        return answer.split("id=")[-1].strip() if "sent successfully" in answer else None


class SubmitSMS:
    """Reports the receipt of one message back; never a code."""

    def submit(self, trigger_id):
        answer = ask("GET", f"/status?id={trigger_id}")
        print(time.strftime("%F %T"), trigger_id, answer, flush=True)
        return answer != "pending"


if __name__ == "__main__":
    waiting = []
    while True:
        trigger = SendSMS(f"+976{random.randrange(10**8):08d}").send("Your parcel is here")
        if trigger:
            waiting.append(trigger)
        time.sleep(flags.interval)
        waiting = [trigger for trigger in waiting[-20:] if not SubmitSMS().submit(trigger)]
