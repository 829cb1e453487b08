"""Simulated devices that deliver two closed days and more over HJ 212, until all is answered.

    load.py DEVICES.csv ADDRESS:PORT --devices N --hours H --minutes M --seconds S

Every value follows from device, factor and time, so that two calls deliver the same. What is not
answered is sent again, in order, also over a new connection when the old one breaks. A line
`answered N of M` goes out twice a second; the last one is the end.
"""

import argparse
import csv
import socket
import sys
import threading
import time
from datetime import datetime, timedelta

BEGIN = datetime(2026, 3, 1)
# How many packets a device sends ahead of the answers.
AHEAD = 10
# After so many seconds without an answer a packet goes out again; so long the whole may stand still.
AGAIN, PATIENCE = 8, 180


def crc(data):
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ (0xA001 if register & 1 else 0)
    return register


def noise(*parts):
    """A whole number below 1000 that follows from its parts."""
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = (state ^ part) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 29
    return state % 1000


def value(device, factor, moment, command):
    """Mostly moderate, now and then far above any limit."""
    seed = noise(device, factor, int(moment.timestamp()), command)
    tenths = 50 + seed // 4 + (4000 if seed > 985 else 0)
    return f"{tenths // 10}.{tenths % 10}"


def packets(number, device, hours, minutes):
    """The packets of a device in the order of their times: QN and bytes."""
    due = []
    for count in range(0, hours * 60, minutes):
        due.append((BEGIN + timedelta(minutes=count), 2051))
    for count in range(hours):
        due.append((BEGIN + timedelta(hours=count), 2061))
    for count in range(hours // 24):
        due.append((BEGIN + timedelta(days=count), 2031))
    factors = [code for code in device["factors"].split() if not code.endswith("00000")]
    for place, (moment, command) in enumerate(sorted(due)):
        cells = []
        for index, code in enumerate(factors):
            text = value(number, index, moment, command)
            cells.append(f"{code}-Avg={text},{code}-Min={text},{code}-Max={text},{code}-Flag=N")
        request = f"20260401{place:09}"
        body = (f"QN={request};ST={device['system_type']};CN={command};PW={device['password']};"
                f"MN={device['mn']};Flag=5;CP=&&DataTime={moment:%Y%m%d%H%M%S};{';'.join(cells)}&&")
        data = body.encode("ascii")
        yield request, b"##%04d%s%04X\r\n" % (len(data), data, crc(data))


class Device(threading.Thread):
    """Sends until everything is answered."""

    def __init__(self, number, device, given, started):
        super().__init__(daemon=True)
        self.all = list(packets(number, device, given.hours, given.minutes))
        # What is to stand in the store: one value for each factor of each packet.
        self.values = sum(data.count(b"-Avg=") for _, data in self.all)
        self.address, self.pace, self.started = given.address, given.seconds / len(self.all), started
        self.answered, self.breaks, self.problem = 0, 0, None

    def run(self):
        waiting = dict(self.all)
        while waiting:
            try:
                self.talk(waiting)
            except OSError:
                self.breaks += 1
                time.sleep(0.3)
            except Exception as error:  # pylint: disable=broad-except
                self.problem = error
                return

    def talk(self, waiting):
        """One connection, until it breaks, falls silent or all is answered."""
        host, port = self.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.settimeout(0.2)
            todo, sent, buffer = list(waiting.items()), {}, b""
            place, heard = 0, time.monotonic()
            while waiting:
                due = (time.monotonic() - self.started) / self.pace
                while place < len(todo) and len(sent) < AHEAD and self.answered + len(sent) < due:
                    if not sent:
                        heard = time.monotonic()
                    connection.sendall(todo[place][1])
                    sent[todo[place][0]] = True
                    place += 1
                try:
                    chunk = connection.recv(65536)
                except TimeoutError:
                    if sent and time.monotonic() - heard > AGAIN:
                        raise OSError("no answer")
                    continue
                if not chunk:
                    raise OSError("closed")
                heard = time.monotonic()
                *whole, buffer = (buffer + chunk).split(b"\r\n")
                for line in whole:
                    if b"CN=9014" in line:
                        request = line.split(b"QN=", 1)[1][:17].decode()
                        if sent.pop(request, None) and waiting.pop(request, None):
                            self.answered += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("table")
    parser.add_argument("address")
    parser.add_argument("--devices", type=int, default=6)
    parser.add_argument("--hours", type=int, default=48)
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=1, help="how long the whole shall take at least")
    given = parser.parse_args()
    with open(given.table, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        table = [row for row in rows if row["point_kind"] == "outlet"][:given.devices]
    started = time.monotonic()
    devices = [Device(number, row, given, started) for number, row in enumerate(table)]
    whole = sum(len(device.all) for device in devices)
    for device in devices:
        device.start()
    before, moved = -1, time.monotonic()
    while True:
        answered = sum(device.answered for device in devices)
        print(f"answered {answered} of {whole}", flush=True)
        if answered == whole:
            break
        for device in devices:
            if device.problem:
                sys.exit(f"a device failed: {device.problem!r}")
        if answered != before:
            before, moved = answered, time.monotonic()
        elif time.monotonic() - moved > PATIENCE:
            sys.exit(f"no packet was answered for {PATIENCE} s: {answered} of {whole}")
        time.sleep(0.5)
    breaks = sum(device.breaks for device in devices)
    print(f"{whole} packets of {len(devices)} devices in {time.monotonic() - started:.1f} s, "
          f"{breaks} broken connections", flush=True)
    print(f"values {sum(device.values for device in devices)}", flush=True)
    for row in table:
        print(f"point {row['point_kind']}/{row['point']}", flush=True)


if __name__ == "__main__":
    main()
