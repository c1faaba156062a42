#!/bin/bash
# Runs the orchestrator and the worker from the file tree of their images, beside a broker and a store, until one image
# is drawn, and stops them by SIGTERM.
#
#   rehearse.sh record|run TREE STANDALONE DATA [PORT,PORT,PORT,PORT,PORT,PORT,PORT]
#
# record   writes what the JVMs loaded to TREE/*/classes.aot, the ahead-of-time caches of the images
# run      uses these caches where they are, as the images do
#
# STANDALONE is standalone's quarkus-run.jar, whose parts are the broker and the store. DATA is an empty folder for them.
# Prints a line for each thing that was seen; ends with 1 at the first that was not.
set -euo pipefail
export LC_ALL=C

[ $# -ge 4 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mode=$1 tree=$(realpath "$2") standalone=$(realpath "$3") data=$(realpath "$4")
ports=${5:-19092,19093,19000,18001,18000,18002,18080}
IFS=, read -r kafka _ store triton health metrics http <<<"$ports"
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
limit=120
declare -A pids=()

die() { printf 'rehearse: %s\n' "$1" >&2; exit 1; }

cleanup() {
    for pid in "${pids[@]}"; do
        kill -KILL "$pid" 2>/dev/null || true
    done
}
trap cleanup EXIT

case $mode in
    record) cache() { echo "-XX:AOTCacheOutput=classes.aot"; } ;;
    run) cache() { [ ! -f "$tree/$1/classes.aot" ] || echo "-XX:AOTCache=classes.aot"; } ;;
    *) die "the first argument is record or run, not $mode" ;;
esac

# Waits until a command succeeds; fails at once when the part has ended.
await() {
    local part=$1 end=$((SECONDS + limit))
    shift
    until "$@"; do
        kill -0 "${pids[$part]}" 2>/dev/null || { cat "$data/$part.log" >&2; die "$part has ended, see above"; }
        [ $SECONDS -lt $end ] || { cat "$data/$part.log" >&2; die "$part was not ready in $limit s, see above"; }
        sleep 0.02
    done
}

healthy() { "$tree/$1/healthy.sh" "$2" "$3" 2>/dev/null; }

seconds_since() { awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.2f", to - from }'; }

start_part() {
    "$java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx512m \
        --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -Djava.util.logging.manager=org.jboss.logmanager.LogManager -jar "$standalone" \
        part "$1" --data="$data" --repository="$tree/worker/models" --ports="$ports" >"$data/$1.log" 2>&1 &
    pids[$1]=$!
    await "$1" grep -q '^ready ' "$data/$1.log"
}

# Starts a part of the tree with nothing but the settings that follow in its environment.
start_tree() {
    local part=$1
    shift
    (
        cd "$tree/$part"
        # A file of arguments and one cache, or none.
        # shellcheck disable=SC2046
        exec env -i PATH="$PATH" LC_ALL=C.UTF-8 "${settings[@]}" "$java" $(cache "$part") @java.args "$@"
    ) >"$data/$part.log" 2>&1 &
    pids[$part]=$!
}

# Asks a part to stop as a container engine does. $2 is the status that an orderly stop ends with.
stop() {
    local begun=$EPOCHREALTIME status=0 pid=${pids[$1]}
    kill -TERM "$pid"
    wait "$pid" || status=$?
    unset "pids[$1]"
    [ "$status" = "$2" ] || { cat "$data/$1.log" >&2; die "$1 ended with status $status and not $2, see above"; }
    echo "stopped $1 status $status after $(seconds_since "$begun") s"
}

start_part BROKER
start_part STORE
{ read -r access; read -r secret; read -r tenants; } <"$data/credentials"

settings=()
begun=$EPOCHREALTIME
start_tree worker --model-repository=models --host=127.0.0.1 \
    --grpc-port="$triton" --http-port="$health" --metrics-port="$metrics"
await worker healthy worker "$health" /v2/health/ready
echo "ready worker after $(seconds_since "$begun") s"

settings=(
    QUARKUS_HTTP_HOST=127.0.0.1
    QUARKUS_HTTP_PORT="$http"
    KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:$kafka"
    WURSTWERK_KAFKA_INSTANCE=rehearsal
    WURSTWERK_KAFKA_PARTITIONS=4
    WURSTWERK_TRITON_ENDPOINT="127.0.0.1:$triton"
    WURSTWERK_STORE_ENDPOINT="http://127.0.0.1:$store"
    WURSTWERK_STORE_ACCESS_KEY="$access"
    WURSTWERK_STORE_SECRET_KEY="$secret"
    WURSTWERK_STORE_TENANT_SECRET="$tenants"
    DJL_CACHE_DIR="$data/native"
)
begun=$EPOCHREALTIME
start_tree orchestrator
await orchestrator healthy orchestrator "$http" /q/health/started
echo "started orchestrator after $(seconds_since "$begun") s"
await orchestrator healthy orchestrator "$http" /q/health/ready
echo "ready orchestrator after $(seconds_since "$begun") s"

"$java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -Djava.util.logging.manager=org.jboss.logmanager.LogManager \
    -jar "$standalone" generate "a red circle on a white background" --seed 1 --steps 4 --timeout 60 \
    --kafka "127.0.0.1:$kafka" --data "$data/client" -o "$data/image.png" 2>"$data/generate.log" ||
    { cat "$data/generate.log" "$data/orchestrator.log" >&2; die "no image was drawn, see above"; }
[ -s "$data/image.png" ] || die "there is no image at $data/image.png"
echo "drawn $(sha256sum "$data/image.png" | cut -c1-64)"

stop orchestrator 143
stop worker 0
for part in orchestrator worker; do
    [ "$mode" = run ] || [ -s "$tree/$part/classes.aot" ] || { cat "$data/$part.log" >&2; die "the JVM of $part wrote no cache"; }
done
