#!/bin/sh
# Submits one request as a CloudEvent: sent again, it is still the same job. Headers and value are a tab apart.
#   submit-cloudevent.sh ID [HOST:PORT]
set -eu
printf 'ce_specversion:1.0,ce_id:%s,ce_source:/shop,ce_type:io.wurstwerk.image.requested.v1\t%s\n' \
    "$1" '{"prompt": "a green star", "seed": 7}' |
    kafka-console-producer.sh --bootstrap-server "${2:-localhost:9092}" --topic wurstwerk.prompts \
        --property parse.headers=true
