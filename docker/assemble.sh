#!/bin/sh
# Makes the file tree of the images from what Maven has built. The Dockerfile and the tests both use it, so what is
# tested is what is shipped.
#
#   assemble.sh FOLDER      makes FOLDER/orchestrator and FOLDER/worker, which are /opt/wurstwerk of the images
set -eu

[ $# -eq 1 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
tree=$1

die() { printf 'assemble: %s\n' "$1" >&2; exit 1; }

[ ! -e "$tree" ] || die "$tree is there already: name a folder that is not"
application=$root/orchestrator/target/quarkus-app
[ -f "$application/quarkus-run.jar" ] && [ -d "$root/worker/target/lib" ] ||
    die "nothing is built in $root: mvn package -DskipTests -pl orchestrator,worker -am"

# Libraries change rarely and lie in a folder of their own: a layer of the image.
mkdir -p "$tree/orchestrator" "$tree/worker/lib"
cp -R "$application/." "$tree/orchestrator/"
cp "$root"/worker/target/worker-*.jar "$tree/worker/worker.jar"
cp "$root"/worker/target/lib/*.jar "$tree/worker/lib/"
for part in orchestrator worker; do
    cp "$root/docker/$part/java.args" "$tree/$part/java.args"
    cp "$root/docker/healthy.sh" "$tree/$part/healthy.sh"
    chmod 755 "$tree/$part/healthy.sh"
done
cp -R "$root/triton-models/repository" "$tree/worker/models"
chmod -R a+rX,go-w "$tree"
