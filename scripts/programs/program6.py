#!/usr/bin/env python3
"""program6: no client at all. Two HTTP requests to Signalbox, one before and one after each message, are enough."""

import argparse
import json
import os
import random
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

flags = argparse.ArgumentParser(description=__doc__)
for name in ("--country", "--operator", "--gateway", "--session"):
    flags.add_argument(name)
flags = flags.parse_known_args()[0]
gateway = flags.gateway or os.environ.get("GATEWAY_URL", "http://127.0.0.1:8090")


def signalbox(path, body):
    """Posts to Signalbox and gives status and answer; a refusal is an answer too."""
    with open(os.environ["SIGNALBOX_ENDPOINT_FILE"]) as endpoint, open(os.environ["SIGNALBOX_TOKEN_FILE"]) as token:
        url, bearer = endpoint.read().strip() + path, "Bearer " + token.read().strip()
    headers = {"Content-Type": "application/json", "Authorization": bearer}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=40) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read() or b"{}")


def wait_for_permit():
    """A permit that is still good for half a second, or None: then nothing may be sent."""
    status, answer = signalbox("/api/permits", {"country": flags.country, "operator": flags.operator, "wait_ms": 30000})
    if status != 201:
        time.sleep(min(answer.get("retry_after_ms", 1000), 30000) / 1000)
        return None
    # granted_uptime_ms is on this machine's clock since boot, so an answer that was held up is found out
    age_ms = time.clock_gettime(time.CLOCK_BOOTTIME) * 1000 - answer["granted_uptime_ms"]
    return answer["permit_id"] if age_ms < answer["lease_ms"] - 500 else None


class Results:
    """Keeps results until Signalbox has them. A kill loses what is kept: the client's spool would not."""

    def __init__(self):
        self.kept = []

    def add(self, message_id, state, **more):
        at = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at * 1000) % 1000:03d}Z"
        item = {"country": flags.country, "operator": flags.operator, "message_id": message_id, "state": state, "at": stamp}
        self.kept.append({**item, **{name: value for name, value in more.items() if value}})
        self.post()

    def post(self):
        while self.kept:
            batch = self.kept[:100]
            status, answer = signalbox("/api/results", batch)
            if status not in (202, 400):
                return
            for refused in answer.get("rejected", []):
                print("rejected:", refused, file=sys.stderr, flush=True)
            del self.kept[: len(batch)]


class SendSMS:
    def __init__(self, phone_number):
        self.phone_number = phone_number

    def send(self, text):
        form = urllib.parse.urlencode({"to": self.phone_number, "text": text, "pair": f"{flags.country}_{flags.operator}"})
        try:
            answer = urllib.request.urlopen(f"{gateway}/send", form.encode(), timeout=10).read().decode()
        except OSError as error:
            answer = f"error {getattr(error, 'code', type(error).__name__)}"
        print(time.strftime("%F %T"), self.phone_number, answer, flush=True)
        return answer


class SubmitSMS:
    """Reports the receipt of one message back; never a code."""

    def submit(self, trigger_id):
        try:
            answer = urllib.request.urlopen(f"{gateway}/status?id={trigger_id}", timeout=10).read().decode()
        except OSError as error:
            answer = f"no answer: {error}"
        print(time.strftime("%F %T"), trigger_id, answer, flush=True)
        return answer


def error_in(answer):
    return answer.split("error ")[1].split()[0] if "error " in answer else None


def main():
    results, pending, count = Results(), {}, 0
    start = f"{int(time.time() * 1000):x}{os.getpid():x}"
    while True:
        try:
            results.post()
            permit = wait_for_permit()
            if permit:
                count += 1
                message_id = f"{start}-{count}"
                # +999 is nobody's: numbers of the samples are never real
                answer = SendSMS(f"+999{random.randrange(10**9):09d}").send("Your code is 123456")
                if "sent successfully" in answer:
                    trigger = answer.split("id=")[-1].strip()
                    pending[trigger] = message_id
                    results.add(message_id, "submitted", permit_id=permit, gateway_message_id=trigger)
                else:
                    results.add(message_id, "failed", permit_id=permit, error_code=error_in(answer))
            for trigger in list(pending)[:20]:
                answer = SubmitSMS().submit(trigger)
                if answer.startswith(("delivered", "failed")):
                    state = "delivered" if "submitted successfully" in answer else "undelivered"
                    results.add(pending.pop(trigger), state, error_code=error_in(answer))
        except OSError as error:
            print(time.strftime("%F %T"), "Signalbox does not answer, nothing is sent:", error, file=sys.stderr, flush=True)
            time.sleep(2)


if __name__ == "__main__":
    main()
