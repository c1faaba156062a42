"""Measures a running stack over HTTP: what watchers cost, and how soon a picture is there.

    api_figures.py http://127.0.0.1:8080 PID [--watchers 200] [--rounds 3]

PID is the process of the stack. It draws on the same processor, so the watchers' share is the difference between jobs
with and without them, and what the threads that serve HTTP used.
"""

import argparse
import asyncio
import json
import os
import pathlib
import statistics
import time
import urllib.parse
import urllib.request

LONG_JOB = {
    "prompt": "a green star", "seed": 7, "num_images_per_prompt": 4,
    "prior_num_inference_steps": 200, "num_inference_steps": 200,
}
WHOLE = "the process"
TICK = os.sysconf("SC_CLK_TCK")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("url")
    options.add_argument("pid", type=int)
    options.add_argument("--watchers", type=int, default=200)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    host = urllib.parse.urlsplit(asked.url)
    first = [asyncio.run(_first_sight(host)) for _ in range(11)][1:]
    print(f"256x256, warm, median of {len(first)}: first preview after {statistics.median(p for p, _ in first):.3f} s, "
          f"image after {statistics.median(i for _, i in first):.3f} s")
    for _ in range(asked.rounds):
        for watchers in (0, 1, asked.watchers):
            print(asyncio.run(_cost(host, asked.pid, watchers)), flush=True)


async def _first_sight(host):
    """Seconds from the request to the first preview and to the image, at the client."""
    start = time.perf_counter()
    job = await asyncio.to_thread(_submit, host, {"prompt": "a green star", "width": 256, "height": 256})
    seen = {}
    async for event, _ in _events(host, job):
        seen.setdefault(event, time.perf_counter() - start)
    return seen["preview"], seen["image"]


async def _cost(host, pid, watchers):
    job = _submit(host, LONG_JOB)
    before, start = _cpu(pid), time.perf_counter()
    read = await asyncio.gather(*(_watch(host, job) for _ in range(watchers)), _ended(host, job))
    wall = time.perf_counter() - start
    after = _cpu(pid)
    used = {name: (after[name] - before.get(name, 0)) / wall for name in after}
    whole = used.pop(WHOLE)
    serving = sum(share for name, share in used.items() if name.startswith(("vert.x", "executor")))
    counts = read[:-1]
    return (f"{watchers} watchers: job {wall:.1f} s, process {whole:.3f} core seconds a second, "
            f"its HTTP threads {serving:.3f}; events read {sum(e for e, _ in counts)}, "
            f"bytes {sum(b for _, b in counts)}, streams complete {sum(e > 0 for e, _ in counts)}")


async def _watch(host, job):
    events = size = 0
    last = None
    async for event, length in _events(host, job):
        events, size, last = events + 1, size + length, event
    if last != "terminal":
        raise AssertionError(f"a stream ended with {last}")
    return events, size


async def _ended(host, job):
    while "finished_at" not in await asyncio.to_thread(_get, host, f"/v1/images/{job}"):
        await asyncio.sleep(0.5)


async def _events(host, job):
    reader, writer = await asyncio.open_connection(host.hostname, host.port, limit=1 << 20)
    writer.write(f"GET /v1/images/{job}/events HTTP/1.1\r\nHost: {host.netloc}\r\nConnection: close\r\n\r\n".encode())
    async for line in reader:
        if line.startswith(b"event:"):
            event = line[6:].strip().decode()
        elif line.startswith(b"data:"):
            yield event, len(line)
    writer.close()


def _submit(host, body):
    request = urllib.request.Request(
        host.geturl() + "/v1/images", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["job_id"]


def _get(host, path):
    with urllib.request.urlopen(host.geturl() + path, timeout=30) as answer:
        return json.load(answer)


def _cpu(pid):
    """CPU seconds of the threads by their names, and of the process with those that have ended."""
    process = pathlib.Path(f"/proc/{pid}")
    seconds = {WHOLE: _seconds(process / "stat")[1]}
    for stat in process.glob("task/*/stat"):
        try:
            name, used = _seconds(stat)
        except (FileNotFoundError, ProcessLookupError):
            continue
        seconds[name] = seconds.get(name, 0) + used
    return seconds


def _seconds(stat):
    head, _, tail = stat.read_text().rpartition(")")
    fields = tail.split()
    return head.partition("(")[2], (int(fields[11]) + int(fields[12])) / TICK


if __name__ == "__main__":
    main()
