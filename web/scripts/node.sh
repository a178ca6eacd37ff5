#!/usr/bin/env bash
# Prints the folder with node (20 or newer) and npm: the machine's own, or one put into .venv by pip.
set -euo pipefail
if node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null && command -v npm >/dev/null; then
    dirname "$(command -v node)"
else
    [ -x .venv/bin/npm ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r web/node.lock >&2
    echo "$PWD/.venv/bin"
fi
