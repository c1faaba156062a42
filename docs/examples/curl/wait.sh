#!/bin/sh
# Submits a request over HTTP and waits for the finished job.
#   wait.sh [URL]
set -eu
server=${1:-http://localhost:8080}

curl -H 'Content-Type: application/json' -H 'Prefer: wait=60' \
    -d '{"prompt": "a green star", "seed": 7}' "$server/v1/images"
