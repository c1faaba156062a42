#!/bin/sh
# Builds a genuine MinIO server from its published Go module and prints where the program is.
#
#   install-minio.sh
#
# The first time takes a few minutes and needs Go 1.21 or newer, which fetches what else it needs. The program is kept in
# .minio beside this script. MinIO is under the AGPL: it is run, never linked to or shipped. GO names the go to use.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P)
# MinIO publishes no semantic versions any more: this is the last that the module proxies have.
version=v0.0.0-20260212201848-7aac2a2c5b7c
folder=$here/.minio/$version
program=$folder/minio
go=${GO:-go}

die() { printf 'install-minio: %s\n' "$1" >&2; exit 1; }

if [ ! -x "$program" ]; then
    command -v "$go" >/dev/null 2>&1 || die "MinIO is built with Go, and there is no $go: install Go 1.21 or newer or set GO"
    found=$("$go" env GOVERSION)
    oldest=$(printf 'go1.21\n%s\n' "$found" | sort -V | head -n 1)
    [ "$oldest" = go1.21 ] || die "MinIO is built with Go 1.21 or newer, and $go is $found"
    printf 'install-minio: building MinIO %s with %s\n' "$version" "$found" >&2
    rm -rf "$folder.new"
    mkdir -p "$folder.new"
    # A plain go install writes to GOBIN, without a module of ours around it.
    (cd "$folder.new" && CGO_ENABLED=0 GOBIN="$folder.new" GOFLAGS= GOWORK=off \
        "$go" install -trimpath -ldflags=-s "github.com/minio/minio@$version") >&2 ||
        die "go could not build github.com/minio/minio@$version: see above"
    # In one step: somebody else may be building it as well.
    rm -rf "$folder"
    mv "$folder.new" "$folder"
fi
printf '%s\n' "$program"
