#!/usr/bin/env python3
"""Sends a plan of `ella bench --plan` to server.py, and counts as it does.

Open loop: each request at its time, and its latency counts from then. With
--concurrency, a closed loop of so many callers who take the plan's requests in
order. The JSON has the names and the arithmetic of `ella bench --json`: rates
are of what ended in the measured time, latencies of what began in it.
"""

import argparse
import asyncio
import collections
import json
import math
import pathlib

import aiohttp

Record = collections.namedtuple("Record", "due_s ended_s outcome")


def percentile(ordered, share):
    """The nearest rank."""
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def distribution(values):
    summary = {"count": len(values)}
    if values:
        values = sorted(values)
        summary["mean"] = sum(values) / len(values)
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
            summary[name] = percentile(values, share)
        summary["max"] = values[-1]
    return summary


class Run:
    def __init__(self, args, plan):
        self.args = args
        self.plan = iter(plan)
        self.left = args.requests
        self.end_s = math.inf
        if args.duration:
            self.end_s = args.warmup + args.duration
        self.records = []

    def now(self):
        return asyncio.get_running_loop().time() - self.began

    def next(self, at_s=None):
        """The next request that may begin; None at the end."""
        request = next(self.plan, None)
        if request is None:
            return None
        at_s = request["at"] if at_s is None else at_s
        if at_s >= self.end_s or self.left == 0:
            return None
        if self.left and at_s >= self.args.warmup:
            self.left -= 1
        return request

    async def send(self, session, request, due_s):
        try:
            async with session.post(
                f"{self.args.server}/predict", json=request
            ) as response:
                await response.read()
                outcome = str(response.status)
        except (TimeoutError, aiohttp.ClientError) as error:
            outcome = type(error).__name__
        self.records.append(Record(due_s, self.now(), outcome))

    async def open_loop(self, session):
        sent = []
        while request := self.next():
            await asyncio.sleep(request["at"] - self.now())
            sent.append(
                asyncio.create_task(self.send(session, request, request["at"]))
            )
        await asyncio.gather(*sent)

    async def call_in_turn(self, session):
        while request := self.next(self.now()):
            await self.send(session, request, self.now())

    async def run(self):
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=self.args.timeout),
        ) as session:
            self.began = asyncio.get_running_loop().time()
            if self.args.concurrency:
                callers = range(self.args.concurrency)
                await asyncio.gather(
                    *(self.call_in_turn(session) for _ in callers)
                )
            else:
                await self.open_loop(session)
            return self.summarize(min(self.end_s, self.now()))

    def summarize(self, to_s):
        from_s = self.args.warmup
        counted = [r for r in self.records if r.due_s >= from_s]
        done = [r for r in self.records if r.outcome == "200"]
        ended = [r for r in done if from_s <= r.ended_s < to_s]
        good = [
            r for r in ended if r.ended_s - r.due_s <= self.args.good_within
        ]
        measured_s = max(to_s - from_s, 0)

        def rate(records):
            return len(records) / measured_s if measured_s else None

        return {
            "requests": {"begun": len(counted)},
            "outcomes": collections.Counter(r.outcome for r in counted),
            "latency_s": distribution(
                [r.ended_s - r.due_s for r in done if r.due_s >= from_s]
            ),
            "measured_s": measured_s,
            "completed_per_s": rate(ended),
            "images_per_s": rate(ended),
            "goodput": {
                "within_s": self.args.good_within,
                "per_s": rate(good),
            },
        }


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default="http://127.0.0.1:8003")
    parser.add_argument("--plan", type=pathlib.Path, required=True,
                        metavar="FILE")
    parser.add_argument("--concurrency", type=int, metavar="N",
                        help="so many callers, instead of the plan's times")
    parser.add_argument("--warmup", type=float, default=0, metavar="S")
    parser.add_argument("--duration", type=float, metavar="S",
                        help="to measure; then no request begins")
    parser.add_argument("--requests", type=int, metavar="N",
                        help="begin no more than this, beside the warm-up's")
    parser.add_argument("--timeout", type=float, default=600, metavar="S",
                        help="of a request, for its caller")
    parser.add_argument("--good-within", type=float, default=60, metavar="S")
    return parser.parse_args()


def main():
    args = parse_args()
    plan = [json.loads(line) for line in args.plan.read_text().splitlines()]
    print(json.dumps(asyncio.run(Run(args, plan).run()), indent=2))


if __name__ == "__main__":
    main()
