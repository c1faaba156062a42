#!/bin/sh
# Submits a request over HTTP, prints the events of its job and writes the image to star.png.
#   submit.sh [URL [ID]]        WURSTWERK_KEY holds the API key, where one is needed
set -eu
server=${1:-http://localhost:8080}
id=${2:-order-17}
set -- --silent --show-error --fail-with-body
[ -z "${WURSTWERK_KEY:-}" ] || set -- "$@" --header "Authorization: Bearer $WURSTWERK_KEY"

# Sent again with the same key, it is still the same job.
job=$(curl "$@" --header 'Content-Type: application/json' --header "Idempotency-Key: $id" \
    --data '{"prompt": "a green star", "seed": 7}' "$server/v1/images" |
    sed -n 's/.*"job_id":"\([^"]*\)".*/\1/p')

# The stream ends when the job has.
curl "$@" --no-buffer --header 'Accept: text/event-stream' "$server/v1/images/$job/events"

# Redirects to the store, which does not see the key.
curl "$@" --location --output star.png "$server/v1/images/$job/0"
