#!/bin/sh
# Write the secrets that compose.yaml hands to the containers, each into a file of its own; what is there is kept,
# and an empty file (a disk was full) is made anew.
# The folder is readable by you alone; the files inside are readable, because the containers run as other users.
set -eu
umask 022
mkdir -p secrets
chmod 700 secrets
random() { head -c 36 /dev/urandom | base64 | tr -d '+/=\n'; }
write() { [ -s "secrets/$1" ] || printf '%s' "$2" > "secrets/$1"; }
write hmis_secret_key "$(random)"
write hmis_database_password "$(random)"
write hmis_database_root_password "$(random)"
if grep -qs '://hmis:@' secrets/hmis_database_url; then rm secrets/hmis_database_url; fi # of an empty password
write hmis_database_url "mysql+mysqldb://hmis:$(cat secrets/hmis_database_password)@database/hmis?charset=utf8mb4"
write hmis_backup_key "$(random)"
echo "secrets/ is ready. Keep a copy of it on another machine: without hmis_backup_key no backup can be opened."
echo "Then show that copy once: docker compose exec app hmis backup confirm-key"
