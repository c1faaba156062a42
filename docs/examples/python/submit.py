"""Submits a request with confluent-kafka and prints the URLs of its images, or why there are none.

python submit.py [HOST:PORT [ID]]
"""
import json
import sys
import uuid

from confluent_kafka import Consumer, KafkaException, Producer

SOURCE = "/shop"


def submit(servers, request_id):
    failures = []
    producer = Producer({"bootstrap.servers": servers, "acks": "all"})
    producer.produce(
        "wurstwerk.prompts",
        value=json.dumps({"prompt": "a green star", "seed": 7}),
        headers={
            "ce_specversion": "1.0",
            "ce_id": request_id,
            "ce_source": SOURCE,
            "ce_type": "io.wurstwerk.image.requested.v1",
            "content-type": "application/json",
        },
        on_delivery=lambda error, _: failures.append(error) if error else None,
    )
    if producer.flush(30) or failures:
        sys.exit("the request was not taken: %s" % (failures or "the broker does not answer"))


def result(servers, request_id):
    """A result repeats the source and the id of its request."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "shop-" + request_id,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
        }
    )
    try:
        consumer.subscribe(["wurstwerk.images"])
        while True:
            record = consumer.poll(1.0)
            if record is None:
                continue
            if record.error():
                raise KafkaException(record.error())
            data = json.loads(record.value())
            if data["request"] == {"source": SOURCE, "id": request_id}:
                return data
    finally:
        consumer.close()


def main():
    servers = sys.argv[1] if len(sys.argv) > 1 else "localhost:9092"
    request_id = sys.argv[2] if len(sys.argv) > 2 else str(uuid.uuid4())
    submit(servers, request_id)
    data = result(servers, request_id)
    if data["state"] != "completed":
        sys.exit("%(code)s: %(message)s" % data["error"])
    for image in data["images"]:
        print(image["url"])


if __name__ == "__main__":
    main()
