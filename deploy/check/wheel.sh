#!/usr/bin/env bash
# Make the release of the last commit twice, and install it as an administrator does: into a fresh virtual environment,
# with exactly the packages of its lock, far from this working copy and without Node. Then use it.
#
#     deploy/check/wheel.sh
#
# Needs what `make release` needs, and what mysqlclient is compiled with: gcc, pkg-config, python3-dev, libmariadb-dev.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { printf '\n== %s\n' "$*"; }

say "the release, twice"
for time in first second; do
    .venv/bin/python deploy/release.py --trial --into "$work/$time" > /dev/null
done
diff "$work/first/SHA256SUMS" "$work/second/SHA256SUMS"
cat "$work/first/SHA256SUMS"

say "signed with a key made for this, and checked with the commands of docs/releases.md"
ssh-keygen -q -t ed25519 -N '' -C release@hmis -f "$work/key"
echo "release@hmis namespaces=\"hmis-release\" $(cat "$work/key.pub")" > "$work/allowed_signers"
(cd "$work/first" && ssh-keygen -q -Y sign -f ../key -n hmis-release SHA256SUMS
    ssh-keygen -Y verify -f ../allowed_signers -I release@hmis -n hmis-release -s SHA256SUMS.sig < SHA256SUMS
    sha256sum --check --quiet --strict SHA256SUMS)

say "a fresh environment"
python=$(.venv/bin/python -c 'import sys; print(sys._base_executable)')
mkdir "$work/elsewhere"
cd "$work/elsewhere"
began=$(date +%s)
"$python" -m venv venv
venv/bin/pip install -q --disable-pip-version-check --require-hashes -r ../first/hmis-*-requirements.lock
venv/bin/pip install -q --disable-pip-version-check --no-deps ../first/hmis-*.whl
echo "installed in $(($(date +%s) - began)) s, $(du -sh venv | cut -f1)"
venv/bin/python - <<'PY'
import hmis, sys
assert hmis.__file__.startswith(sys.prefix), hmis.__file__
PY

say "used"
mkdir work
venv/bin/python "$OLDPWD/deploy/check/installed.py" venv/bin/hmis work
