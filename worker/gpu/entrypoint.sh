#!/bin/sh
# Builds the TensorRT plans that are missing for this GPU, then serves them with Triton.
#
#   entrypoint.sh [serve [flag of tritonserver ...]]   build what is missing, then serve
#   entrypoint.sh build                                build what is missing, and end
#
# Environment:
#   WURSTWERK_REPOSITORY          model repository, only read (/models)
#   WURSTWERK_PLANS               where plans are kept: a volume (/plans)
#   WURSTWERK_GPU                 index of the GPU, as nvidia-smi counts (0)
#   WURSTWERK_OPTIMIZATION_LEVEL  0 to 5: higher builds longer and may run faster (3)
#   WURSTWERK_WORKSPACE_MIB       memory that building may use beside the weights (as much as there is)
#   WURSTWERK_ADMIN_TOKEN         value of the header triton-grpc-protocol-wurstwerk-admin that opens what is closed
#                                 by default: model repository, shared memory, trace and logging (a random one)
set -eu

repository=${WURSTWERK_REPOSITORY:-/models}
plans=${WURSTWERK_PLANS:-/plans}
gpu=${WURSTWERK_GPU:-0}
level=${WURSTWERK_OPTIMIZATION_LEVEL:-3}
workspace=${WURSTWERK_WORKSPACE_MIB:-}
heartbeat=${WURSTWERK_HEARTBEAT_SECONDS:-15}
lock_seconds=14400
builder=

say() { printf 'wurstwerk-gpu: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

usage() { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }

stop() {
    trap - TERM INT
    if [ -n "$builder" ]; then
        say "stopping the build"
        kill "$builder" 2>/dev/null || true
        wait "$builder" 2>/dev/null || true
    fi
    exit 143
}

is_number() { case "$1" in '' | *[!0-9]*) return 1 ;; esac; }

check_settings() {
    for tool in nvidia-smi trtexec sha256sum flock; do
        command -v "$tool" >/dev/null || die "$tool is not on the PATH: is this NVIDIA's Triton image (-py3)?"
    done
    [ -d "$repository" ] || die "there is no model repository at $repository: mount one, for example -v /srv/repository:/models:ro"
    mkdir -p "$plans" 2>/dev/null && [ -w "$plans" ] || die "$plans cannot be written by user $(id -u): plans are kept there"
    is_number "$gpu" || die "WURSTWERK_GPU is '$gpu', but must be the index of a GPU"
    case "$level" in [0-5]) ;; *) die "WURSTWERK_OPTIMIZATION_LEVEL is '$level', but must be 0 to 5" ;; esac
    [ -z "$workspace" ] || is_number "$workspace" || die "WURSTWERK_WORKSPACE_MIB is '$workspace', but must be a number"
}

# A plan fits one kind of GPU and one build of TensorRT, so that is where it is kept.
find_platform() {
    found=$(nvidia-smi --id="$gpu" --query-gpu=name,compute_cap --format=csv,noheader 2>&1) ||
        die "no NVIDIA GPU $gpu here (start the container with --gpus 'device=0'): $found"
    name=$(printf '%s\n' "$found" | head -n 1 | sed 's/,[^,]*$//')
    capability=$(printf '%s\n' "$found" | head -n 1 | sed 's/.*, *//')
    case "$capability" in [0-9]*.[0-9]*) ;; *) die "nvidia-smi says '$found', which names no compute capability" ;; esac
    banner=$(trtexec --help 2>&1 | sed -n 's/.*\[TensorRT v\([0-9]*\)\] \[b\([0-9]*\)\].*/\1-b\2/p' | head -n 1)
    [ -n "$banner" ] || die "trtexec does not say which TensorRT it is of"
    [ "${banner%%-*}" -ge 110000 ] || die "TensorRT $banner is too old: graphs carry their types, which TensorRT 11 takes without flags"
    slug=$(printf '%s' "$name" | tr '[:upper:]' '[:lower:]' | tr -cs 'a-z0-9' '-' | sed 's/^-//; s/-$//')
    platform=$slug-sm$capability-trt$banner
    # nvidia-smi and CUDA must count GPUs alike; a worker is one lane on one GPU.
    export CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES="$gpu"
}

list_models() {
    for config in "$repository"/*/configs/gpu.pbtxt; do
        [ -f "$config" ] || continue
        model=$(dirname -- "$(dirname -- "$config")")
        basename -- "$model"
    done
}

# The options of trtexec beside the files. Changing one of them builds anew.
options_of() {
    # FP32 parts of a graph are FP32 because less ruins them: no TF32.
    printf '%s\n' --skipInference --noTF32 "--builderOptimizationLevel=$level"
    [ -z "$workspace" ] || printf '%s\n' "--memPoolSize=workspace:$workspace"
    grep -v '^#' "$repository/$1/gpu/profiles.txt"
}

check_options() {
    if printf '%s\n' "$2" | grep -Evq '^--(skipInference|noTF32|builderOptimizationLevel=[0-5]|memPoolSize=workspace:[0-9]+|profile=[0-9]+|(min|opt|max)Shapes=[A-Za-z0-9_:,]+)$'; then
        die "$repository/$1/gpu/profiles.txt has a line that is no shape or profile"
    fi
}

graph_of() {
    if [ -d "$repository/$1/gpu/model.onnx" ]; then
        printf '%s' "$repository/$1/gpu/model.onnx/model.onnx"
    else
        printf '%s' "$repository/$1/gpu/model.onnx"
    fi
}

check_model() {
    for file in SHA256SUMS profiles.txt; do
        [ -f "$repository/$1/gpu/$file" ] ||
            die "$1 has no gpu/$file: export the repository with graphs for TensorRT (without --no-gpu-graphs)"
    done
    [ -f "$(graph_of "$1")" ] || die "$1 has no gpu/model.onnx: export the repository with graphs for TensorRT"
}

plan_of() {
    stamp=$({ cat "$repository/$1/gpu/SHA256SUMS"; options_of "$1"; } | sha256sum | cut -c1-16)
    printf '%s' "$plans/$platform/$1-$stamp.plan"
}

build() {
    model=$1 plan=$2 place=$3
    options=$(options_of "$model")
    check_options "$model" "$options"
    (cd "$repository/$model/gpu" && sha256sum --check --quiet SHA256SUMS >&2) ||
        die "$model: the graph is not the one that was exported (see SHA256SUMS)"
    log=$plans/$platform/$model.log
    say "[$place] $model: building a plan for $name (log: $log)"
    # One option per line, none with spaces: check_options has seen to it.
    # shellcheck disable=SC2086
    trtexec --onnx="$(graph_of "$model")" --saveEngine="$plan.part" \
        --timingCacheFile="$plans/$platform/timing.cache" $options >"$log" 2>&1 &
    builder=$!
    started=$(date +%s)
    shown=$started
    while kill -0 "$builder" 2>/dev/null; do
        sleep 0.2
        now=$(date +%s)
        if [ $((now - shown)) -ge "$heartbeat" ]; then
            shown=$now
            say "[$place] $model: building for $((now - started)) s"
        fi
    done
    status=0
    wait "$builder" || status=$?
    builder=
    if [ $status -ne 0 ] || [ ! -s "$plan.part" ]; then
        rm -f "$plan.part"
        tail -n 30 "$log" >&2
        die "$model: trtexec ended with status $status and no plan; its last lines are above, all are in $log"
    fi
    rm -f "$plans/$platform/$model"-????????????????.plan
    mv "$plan.part" "$plan"
    say "[$place] $model: built in $(($(date +%s) - started)) s"
}

build_missing() {
    mkdir -p "$plans/$platform"
    # Two workers that share the volume build once.
    exec 9>"$plans/$platform/.lock"
    flock -w "$lock_seconds" 9 || die "another worker has been building in $plans/$platform for $lock_seconds s"
    total=$(printf '%s\n' "$models" | wc -l)
    at=0
    for each in $models; do
        at=$((at + 1))
        check_model "$each"
        path=$(plan_of "$each")
        if [ -s "$path" ]; then
            say "[$at/$total] $each: plan is there"
        else
            build "$each" "$path" "$at/$total"
        fi
    done
    exec 9>&-
}

# What Triton sees: the configs of the repository and the plans of this platform, and no ONNX.
assemble() {
    serving=$(mktemp -d)
    for each in $models; do
        mkdir -p "$serving/$each/1" "$serving/$each/configs"
        cp "$repository/$each/configs/gpu.pbtxt" "$serving/$each/configs/gpu.pbtxt"
        ln -s "$(plan_of "$each")" "$serving/$each/1/model.plan"
    done
}

serve() {
    command -v tritonserver >/dev/null || die "tritonserver is not on the PATH: is this NVIDIA's Triton image (-py3)?"
    token=${WURSTWERK_ADMIN_TOKEN:-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')}
    say "serving on $name: $(printf '%s ' $models)"
    exec tritonserver \
        --model-repository="$serving" \
        --model-config-name=gpu \
        --model-control-mode=none \
        --disable-auto-complete-config \
        --exit-on-error=true \
        --strict-readiness=true \
        --exit-timeout-secs=30 \
        --grpc-restricted-protocol="model-repository,shared-memory,trace,logging:wurstwerk-admin=$token" \
        --http-restricted-api="metadata,inference,model-config,statistics,model-repository,shared-memory,trace,logging:wurstwerk-admin=$token" \
        "$@"
}

command=${1:-serve}
[ $# -eq 0 ] || shift
case "$command" in
    serve) ;;
    build) [ $# -eq 0 ] || usage ;;
    *) usage ;;
esac
trap stop TERM INT
check_settings
find_platform
models=$(list_models)
[ -n "$models" ] || die "$repository has no model with configs/gpu.pbtxt"
say "GPU $gpu is $name; plans are kept in $plans/$platform"
build_missing
[ "$command" = serve ] || exit 0
assemble
serve "$@"
