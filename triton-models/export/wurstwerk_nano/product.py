"""Draws prompts with a running Wurstwerk: publishes prompt events to Kafka and downloads the announced images."""

import hashlib
import io
import json
import sys
import time
import urllib.request
import uuid
from dataclasses import dataclass

import numpy as np
from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition
from PIL import Image

PROMPTS, IMAGES = "wurstwerk.prompts", "wurstwerk.images"
IN_FLIGHT = 24
SECONDS_WITHOUT_AN_EVENT = 300


@dataclass(frozen=True)
class Order:
    """One picture. What is None is left to the orchestrator's defaults."""

    prompt: str
    seed: int
    size: tuple[int, int]
    prior: str | None = None
    negative: str | None = None
    guidance: float | None = None

    def body(self):
        """The event's data."""
        given = {
            "prompt": self.prompt,
            "seed": self.seed,
            "width": self.size[0],
            "height": self.size[1],
            "prior": self.prior,
            "negative_prompt": self.negative,
            "prior_guidance_scale": self.guidance,
        }
        return json.dumps({key: value for key, value in given.items() if value is not None})


class Wurstwerk:
    """A running installation, reached as any other program would reach it."""

    def __init__(self, kafka):
        self.producer = Producer({"bootstrap.servers": kafka, "acks": "all"})
        self.consumer = Consumer(
            {
                "bootstrap.servers": kafka,
                "group.id": f"adherence-{uuid.uuid4()}",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
            }
        )
        topics = self.consumer.list_topics(IMAGES, timeout=15).topics
        partitions = [TopicPartition(IMAGES, number, OFFSET_END) for number in topics[IMAGES].partitions]
        for partition in partitions:
            partition.offset = self.consumer.get_watermark_offsets(partition, timeout=15)[1]
        self.consumer.assign(partitions)

    def draw(self, orders):
        """Yields (index, uint8 picture) as the pictures come."""
        waiting, todo = {}, list(enumerate(orders))[::-1]
        began, last, done = time.monotonic(), time.monotonic(), 0
        while waiting or todo:
            while todo and len(waiting) < IN_FLIGHT:
                index, order = todo.pop()
                waiting[self._publish(order)] = index
            message = self.consumer.poll(1.0)
            if time.monotonic() - last > SECONDS_WITHOUT_AN_EVENT:
                raise TimeoutError(f"no image event for {SECONDS_WITHOUT_AN_EVENT} s: is the orchestrator running?")
            if message is None or message.error():
                continue
            event = json.loads(message.value())
            index = waiting.pop(event["request"]["id"], None)
            if index is None:
                continue
            last, done = time.monotonic(), done + 1
            yield index, _picture(event)
            if done % 50 == 0:
                left = (last - began) / done * (len(orders) - done) / 60
                print(f"{done}/{len(orders)} pictures, {left:.1f} min left", file=sys.stderr, flush=True)

    def _publish(self, order):
        identity = str(uuid.uuid4())
        headers = {
            "ce_specversion": "1.0",
            "ce_id": identity,
            "ce_source": "/wurstwerk/adherence",
            "ce_type": "io.wurstwerk.image.requested.v1",
            "content-type": "application/json",
        }
        self.producer.produce(PROMPTS, key=identity, value=order.body(), headers=headers)
        self.producer.flush(15)
        return identity


def _picture(event):
    if event["state"] != "completed":
        raise RuntimeError(f"a job ended {event['state']}: {event.get('error')} {event.get('problems')}")
    image = event["images"][0]
    with urllib.request.urlopen(image["url"], timeout=30) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != image["sha256"]:
        raise RuntimeError(f"the bytes at {image['url']} are not those announced")
    return np.array(Image.open(io.BytesIO(content)).convert("RGB"))
