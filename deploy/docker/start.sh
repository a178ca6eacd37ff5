#!/bin/sh
# Any command of `hmis`. `serve` first waits for the database and brings it to the schema of this release; `work`
# waits until that is done.
set -eu
case "${1:-serve}" in
    serve) hmis init --wait 120 ;;
    work) hmis check --wait 300 ;;
esac
exec hmis "$@"
