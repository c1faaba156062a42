#!/bin/sh
# Runs a genuine NVIDIA Triton Inference Server (2.51.0) on this machine, without GPU and without containers.
#
#   run-triton.sh --install
#   run-triton.sh REPOSITORY [GRPC [HTTP [METRICS]]] [-- FLAGS OF TRITONSERVER]
#
# The first start makes a Python environment in .venv beside this script (350 MB from the Python package index).
# Ports are 8001, 8000 and 8002 where they are not given, 0 takes a free one. When every model is loaded it prints
#   ready pid=... grpc=... http=... metrics=...
# and stays; SIGTERM or Ctrl-C ends the server. PYTHON names the Python to use. RESTARTS says how often a server that
# dies of a signal of its own is started again, on the same ports (default: never).
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P)
environment=$here/.venv
server=$environment/triton
host=127.0.0.1
wheel=nvidia-pytriton==0.7.0
least_glibc=2.35
ready_seconds=120

die() { printf 'run-triton: %s\n' "$1" >&2; exit 1; }

check_platform() {
    [ "$(uname -s) $(uname -m)" = "Linux x86_64" ] ||
        die "the genuine server needs Linux on x86-64, this is $(uname -s) on $(uname -m)"
    glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/^glibc //')
    [ -n "$glibc" ] || die "the genuine server needs glibc $least_glibc or newer, and this system has no glibc"
    older=$(printf '%s\n%s\n' "$least_glibc" "$glibc" | sort -t. -k1,1n -k2,2n | head -n 1)
    [ "$older" = "$least_glibc" ] || die "the genuine server needs glibc $least_glibc or newer, this is $glibc"
}

# Prints the folder of the shared library of a Python, or fails with what is wrong with it.
library_of() {
    "$1" - <<'PYTHON'
import os, sys, sysconfig
version = "%d.%d" % sys.version_info[:2]
if not (3, 9) <= sys.version_info[:2] <= (3, 12):
    sys.exit("it is Python " + version)
try:
    import ensurepip, venv
except ImportError:
    sys.exit("it lacks the modules venv and ensurepip (Debian: python3-venv)")
name = "libpython%s.so.1.0" % version
places = [
    sysconfig.get_config_var("LIBDIR") or "",
    os.path.join(sys.base_prefix, "lib"),
    os.path.join("/usr/lib", str(sysconfig.get_config_var("MULTIARCH"))),
]
found = [place for place in places if os.path.exists(os.path.join(place, name))]
if not found:
    sys.exit("it has no shared " + name)
print(found[0])
PYTHON
}

find_python() {
    reason="there is no ${PYTHON:-python3}"
    for candidate in ${PYTHON:-python3 python3.12 python3.11 python3.10 python3.9}; do
        found=$(command -v "$candidate" 2>/dev/null) || continue
        "$found" -c '' 2>/dev/null || continue
        if problem=$(library_of "$found" 2>&1); then
            printf '%s\n' "$found"
            return
        fi
        [ "$candidate" != "${PYTHON:-python3}" ] || reason="$found does not do, $problem"
    done
    die "the genuine server needs Python 3.9 to 3.12 with a shared libpython; $reason"
}

# A stamp names what was installed, so that a change of the requirements installs anew.
install_server() {
    stamp=$(cat "$here/requirements.txt"; printf '%s' "$wheel")
    [ "$(cat "$environment/complete" 2>/dev/null)" != "$stamp" ] || return 0
    check_platform
    python=$(find_python)
    printf 'run-triton: installing the genuine server for %s\n' "$("$python" -V)" >&2
    rm -rf "$environment"
    "$python" -m venv "$environment"
    "$environment/bin/pip" install -q --disable-pip-version-check --only-binary :all: -r "$here/requirements.txt" ||
        die "pip could not install onnxruntime and numpy: see above"
    "$environment/bin/pip" install -q --disable-pip-version-check --only-binary :all: --no-deps "$wheel" ||
        die "pip could not install $wheel: see above"
    site=$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    version=$("$environment/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    triton=$site/pytriton/tritonserver
    stub=$triton/python_backend_stubs/$version/triton_python_backend_stub
    [ -e "$stub" ] || die "$wheel cannot run Python $version models"
    mkdir -p "$server/backends/onnxruntime"
    cp -R "$triton/bin" "$triton/caches" "$server/"
    cp -R "$triton/backends/python" "$server/backends/"
    cp "$stub" "$server/backends/python/"
    chmod 755 "$server/bin/tritonserver" "$server/backends/python/triton_python_backend_stub"
    library_of "$environment/bin/python" >"$environment/libpython"
    printf '%s\n' "$site" >"$environment/site"
    printf '%s' "$stamp" >"$environment/complete"
}

# Free ports for those given as 0; fails for one that is taken.
choose_ports() {
    "$environment/bin/python" - "$host" "$@" <<'PYTHON'
import socket, sys
held = []
for port in map(int, sys.argv[2:]):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((sys.argv[1], port))
    except OSError as failure:
        sys.exit("run-triton: cannot listen on port %d: %s" % (port, failure.strerror))
    held.append(listener)
print(*(listener.getsockname()[1] for listener in held))
PYTHON
}

answers() {
    "$environment/bin/python" -c "
import sys, urllib.request
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=2)
" "http://$host:$http/v2/health/ready" 2>/dev/null
}

stop() {
    trap - INT TERM
    kill -TERM "$pid" 2>/dev/null || true
    wait "$pid" || true
    rm -rf "$work" "/dev/shm/wurstwerk_$$"_*
}

serve() {
    repository=$(CDPATH= cd -- "$1" 2>/dev/null && pwd -P) || die "no model repository at $1"
    shift
    grpc=8001 http=8000 metrics=8002
    if [ $# -gt 0 ] && [ "$1" != -- ]; then grpc=$1; shift; fi
    if [ $# -gt 0 ] && [ "$1" != -- ]; then http=$1; shift; fi
    if [ $# -gt 0 ] && [ "$1" != -- ]; then metrics=$1; shift; fi
    [ $# -eq 0 ] || shift
    install_server
    # In one step: another server may be starting beside this one.
    cp "$here/model.py" "$server/model.py.$$"
    mv "$server/model.py.$$" "$server/backends/onnxruntime/model.py"
    ports=$(choose_ports "$grpc" "$http" "$metrics") || exit 1
    read -r grpc http metrics <<PORTS
$ports
PORTS
    # The models' processes look for model.py in the folder they are started in before they look at ours.
    work=$(mktemp -d)
    cd "$work"
    # The first python3 on the PATH decides whose packages the models see.
    export PATH="$environment/bin:$PATH" PYTHONDONTWRITEBYTECODE=1
    export LD_LIBRARY_PATH="$(cat "$environment/site")/nvidia_pytriton.libs:$(cat "$environment/libpython")"
    pid=
    trap 'stop; exit 0' INT TERM
    restarts=${RESTARTS:-0}
    while :; do
        start "$@"
        printf 'ready pid=%s grpc=%s:%s http=%s:%s metrics=%s:%s\n' \
            "$$" "$host" "$grpc" "$host" "$http" "$host" "$metrics"
        status=0
        wait "$pid" || status=$?
        [ "$status" -gt 128 ] && [ "$restarts" -gt 0 ] || break
        restarts=$((restarts - 1))
        printf 'run-triton: tritonserver died of signal %s: starting it again\n' $((status - 128)) >&2
        rm -rf "/dev/shm/wurstwerk_$$"_*
    done
    stop
    exit "$status"
}

# Starts the server and waits until every model is loaded.
start() {
    # Completing configurations would start the process of every model twice; ours are complete.
    "$server/bin/tritonserver" --model-repository="$repository" \
        --backend-directory="$server/backends" --cache-directory="$server/caches" \
        --backend-config=python,shm-region-prefix-name="wurstwerk_$$_" \
        --grpc-address="$host" --grpc-port="$grpc" --http-address="$host" --http-port="$http" \
        --metrics-address="$host" --metrics-port="$metrics" \
        --allow-gpu-metrics=false --disable-auto-complete-config "$@" </dev/null >&2 &
    pid=$!
    left=$((ready_seconds * 5))
    until answers; do
        kill -0 "$pid" 2>/dev/null || { stop; die "tritonserver ended before it was ready: see its output above"; }
        left=$((left - 1))
        [ "$left" -gt 0 ] || { stop; die "tritonserver was not ready in $ready_seconds seconds"; }
        sleep 0.2
    done
}

case "${1:-}" in
    --install) install_server ;;
    "" | -*) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2 ;;
    *) serve "$@" ;;
esac
