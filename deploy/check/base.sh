#!/usr/bin/env bash
# A base image for builds: Debian in a folder, imported. Prints the image's name, for `--build-arg BASE=...`.
set -euo pipefail
name=localhost/hmis-base:bookworm
export STORAGE_DRIVER=vfs
if ! podman image exists "$name"; then
    root=${1:-$(mktemp -d)}
    "$(dirname "$0")/debian.sh" "$root"
    tar -C "$root" --one-file-system -c . | podman import -q - "$name" >&2
fi
echo "$name"
