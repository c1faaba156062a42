#!/bin/sh
# Submits one request with Kafka's console producer: plain JSON, identified by its place in the topic.
#   submit.sh [HOST:PORT]
set -eu
echo '{"prompt": "a green star", "seed": 7}' |
    kafka-console-producer.sh --bootstrap-server "${1:-localhost:9092}" --topic wurstwerk.prompts
