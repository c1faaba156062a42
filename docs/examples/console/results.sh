#!/bin/sh
# Prints job ids and results as they come, from the oldest on; Ctrl-C ends it. Other arguments go to the consumer.
#   results.sh [HOST:PORT [OPTIONS]]
set -eu
server=${1:-localhost:9092}
[ $# -eq 0 ] || shift
kafka-console-consumer.sh --bootstrap-server "$server" --topic wurstwerk.images --from-beginning \
    --consumer-property isolation.level=read_committed --property print.key=true "$@"
