#!/bin/sh
# Submits a request over HTTP, waits for the image and writes it to star.png.
#   submit.sh [URL]        WURSTWERK_KEY is the API key, where one is needed
set -eu
server=${1:-http://localhost:8080}
set -- --silent --show-error --fail-with-body
[ -z "${WURSTWERK_KEY:-}" ] || set -- "$@" --header "Authorization: Bearer $WURSTWERK_KEY"

# Sent again with the same key, it is still the same job.
job=$(curl "$@" --header 'Content-Type: application/json' --header 'Idempotency-Key: order-17' \
    --header 'Prefer: wait=60' --output /dev/null --write-out '%header{location}' \
    --data '{"prompt": "a green star", "seed": 7}' "$server/v1/images")

# The stream ends when the job has.
curl "$@" --no-buffer --header 'Accept: text/event-stream' "$server$job/events"

# Redirects to the store; the key is not sent there.
curl "$@" --location --output star.png "$server$job/0"
