#!/usr/bin/env python3
"""Many reviewers at once against a review server on this machine; the standard library only.

    swift build -c release --product ReviewProbe
    Benchmarks/Review/load.py .build/release/ReviewProbe
    Benchmarks/Review/load.py .build/release/ReviewProbe --kill-after 20

Makes a store of synthetic pairs with the reviewers' sessions, serves it, and lets each of them judge one pair after the
other with the next one loaded ahead, as the page does. Fails on any error, on a pair that two reviewers were given, and on an
acknowledged answer that is not in the store afterwards. With --kill-after the server is killed with SIGKILL in the middle.
"""
import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid


class Connection:
    """One kept-alive HTTP/1.1 connection."""

    def __init__(self, port, session):
        self.port, self.cookie, self.csrf = port, session["token"], session["csrf"]
        self.reader = self.writer = None

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def post(self, path, body):
        """The status and the JSON of an answer."""
        data = json.dumps(body).encode()
        head = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Content-Type: application/json",
                f"Content-Length: {len(data)}", f"Cookie: overread={self.cookie}", f"X-CSRF-Token: {self.csrf}"]
        # A browser opens another connection when the server closed the one that was idle.
        for _ in range(2):
            if self.writer is None:
                await self.open()
            self.writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + data)
            try:
                raw = await self.reader.readuntil(b"\r\n\r\n")
                break
            except asyncio.IncompleteReadError as error:
                if error.partial:
                    raise
                self.writer = None
        else:
            raise ConnectionError("the server is gone")
        lines = raw.decode().split("\r\n")
        status = int(lines[0].split()[1])
        length = 0
        for line in lines[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                length = int(value)
        return status, json.loads(await self.reader.readexactly(length) or b"null")


class Run:
    """What all reviewers saw together."""

    def __init__(self):
        self.times = {"judge": [], "next": []}
        self.errors, self.kept, self.given, self.doubles = [], set(), {}, 0
        self.is_over = False

    async def timed(self, kind, connection, path, body):
        start = time.perf_counter()
        status, value = await connection.post(path, body)
        self.times[kind].append(time.perf_counter() - start)
        if status != 200:
            self.errors.append(f"{path}: {status} {value}")
        return value if status == 200 else None

    def take(self, reviewer, shown):
        place = "|".join(sorted([shown["left"], shown["right"]]))
        if self.given.setdefault(place, reviewer) != reviewer:
            self.doubles += 1


async def review(run, connection, name, think):
    """Judges until the time is over."""
    generator = random.Random(name)
    await asyncio.sleep(generator.random() * max(think, 0.1))
    ahead = await run.timed("next", connection, "/api/v1/judge/next", {})
    while not run.is_over and ahead and ahead["case"]:
        shown = ahead["case"]
        run.take(name, shown)
        ahead = await run.timed("next", connection, "/api/v1/judge/next", {"holding": [shown["presentation"]]})
        if think:
            await asyncio.sleep(generator.expovariate(1 / think))
        answer = {"presentation": shown["presentation"], "revision": shown["revision"], "key": str(uuid.uuid4()),
                  "choice": generator.choice(["left", "right"]), "strength": generator.randrange(4),
                  "circumstances": {"active_ms": int(think * 1000), "hidden_ms": 0, "idle_ms": 0}}
        value = await run.timed("judge", connection, "/api/v1/judgements", answer)
        if value:
            run.kept.add((value["presentation"], value["revision"]))


def serve(program, store):
    server = subprocess.Popen([program, "serve", store], stdout=subprocess.PIPE, text=True)
    return server, int(json.loads(server.stdout.readline())["url"].rsplit(":", 1)[1])


def line(name, times):
    times = sorted(times)
    at = lambda share: times[min(len(times) - 1, int(share * len(times)))] * 1000
    return (f"{name:6} {len(times):7} requests, p50 {at(0.5):6.1f} ms, p95 {at(0.95):6.1f} ms, p99 {at(0.99):6.1f} ms, "
            f"longest {times[-1] * 1000:.0f} ms")


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built ReviewProbe")
    parser.add_argument("--reviewers", type=int, default=50)
    parser.add_argument("--pairs", type=int, default=20000)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--think", type=float, default=1.0, help="mean seconds between a case and its answer; 0 for none")
    parser.add_argument("--kill-after", type=float, help="kill the server after so many seconds of load")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="overread-load-") as folder:
        os.chmod(folder, 0o700)
        store = os.path.join(folder, "store.sqlite")
        sessions = json.loads(subprocess.run(
            [options.program, "seed", store, str(options.pairs), str(options.reviewers)], check=True, text=True,
            stdout=subprocess.PIPE).stdout)["sessions"][1:]
        server, port = serve(options.program, store)
        run = Run()
        connections = [Connection(port, session) for session in sessions]
        print(f"{options.reviewers} reviewers, {options.pairs} pairs, think time {options.think} s", flush=True)
        start = time.perf_counter()
        work = [asyncio.create_task(review(run, c, f"reader-{i + 1}", options.think)) for i, c in enumerate(connections)]
        await asyncio.sleep(options.kill_after or options.seconds)
        elapsed = time.perf_counter() - start
        run.is_over = True
        if options.kill_after:
            server.kill()
        outcomes = await asyncio.gather(*work, return_exceptions=True)
        if not options.kill_after:
            run.errors += [repr(o) for o in outcomes if isinstance(o, BaseException)]
            server.send_signal(signal.SIGTERM)
        status = server.wait(timeout=30)
        lines = subprocess.run([options.program, "answers", store], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.splitlines()
        there = {tuple(map(int, text.split()[:2])) for text in lines[:-1]}
        lost = run.kept - there
        for kind, times in run.times.items():
            print(line(kind, times))
        print(f"{len(run.kept) / elapsed:.1f} answers a second; {len(run.kept)} acknowledged, {len(there)} in the store, "
              f"{len(lost)} lost; {run.doubles} places given twice; {len(run.errors)} errors; the server ended with {status}")
        for text in run.errors[:5]:
            print(text)
        stopped_well = status == (-signal.SIGKILL if options.kill_after else 0)
        return 0 if not (lost or run.doubles or run.errors) and stopped_well and lines[-1].startswith("sound") else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
