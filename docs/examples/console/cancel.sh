#!/bin/sh
# Cancels a job; its id is the record's key.
#   cancel.sh JOB [HOST:PORT]
set -eu
printf '%s\t%s\n' "$1" '{"command": "cancel"}' |
    kafka-console-producer.sh --bootstrap-server "${2:-localhost:9092}" --topic wurstwerk.commands \
        --property parse.key=true
