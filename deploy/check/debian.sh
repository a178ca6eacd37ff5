#!/usr/bin/env bash
# A Debian in a folder, with the package settings and certificates of this machine, where no registry of images and no
# other server is in reach:  debian.sh FOLDER [PACKAGE...]. Needs root and debootstrap.
set -euo pipefail
root=$1
shift
if [ ! -e "$root/.ready" ]; then
    packages=$(IFS=,; echo "ca-certificates${*:+,$*}")
    debootstrap --variant=minbase --include="$packages" bookworm "$root" >&2
    printf 'deb http://deb.debian.org/%s main\n' 'debian bookworm' 'debian bookworm-updates' \
        'debian-security bookworm-security' > "$root/etc/apt/sources.list"
    cp -n /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
    cp /etc/pip.conf "$root/etc/pip.conf" 2>/dev/null || true
    cp -n /etc/apt/apt.conf.d/*registry* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
    chroot "$root" update-ca-certificates >&2
    touch "$root/.ready"
fi
