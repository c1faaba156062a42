#!/bin/sh
# Cancels a job over HTTP and prints how it stands.
#   cancel.sh JOB [URL]
set -eu
curl --silent --show-error --fail-with-body --request DELETE \
    ${WURSTWERK_KEY:+--header "Authorization: Bearer $WURSTWERK_KEY"} \
    "${2:-http://localhost:8080}/v1/images/$1"
