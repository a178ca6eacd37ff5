#!/usr/bin/env bash
# Build both images for real, run them as compose.yaml would, and live the day of docs/ against them through nginx.
#
#     deploy/check/containers.sh
#
# Needs root, debootstrap, buildah, podman, runc, docker-compose, and a MariaDB at 127.0.0.1:3306 whose root has no
# password. Containers share the network of this machine, which stands in for compose's own and for its database; the
# rest is as in compose.yaml: no root, a read-only file system, no capabilities, secrets in files.
set -euo pipefail
cd "$(dirname "$0")/../.."
export STORAGE_DRIVER=vfs
work=$(mktemp -d)
database=hmis_containers
pod() { podman --cgroup-manager cgroupfs --runtime runc "$@"; }
say() { printf '\n== %s\n' "$*"; }
run() { # name image command...
    local name=$1 image=$2
    shift 2
    pod run -d --name "$name" --network host --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
        --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 "${options[@]}" "$image" "$@" > /dev/null
}
end() {
    for name in hmis-check-web hmis-check-app hmis-check-worker; do
        [ "${failed:-1}" = 0 ] || pod logs --tail 20 "$name" 2>&1 | sed "s/^/$name: /" || true
        pod rm -f -t 5 "$name" > /dev/null 2>&1 || true
    done
    mariadb -h 127.0.0.1 -u root -e "DROP DATABASE IF EXISTS $database; DROP USER IF EXISTS hmis_containers@'%'" || true
    rm -rf "$work"
}
trap end EXIT

say "compose files"
(cd "$work" && cp -r "$OLDPWD"/compose*.yaml . && mkdir -p deploy/docker && "$OLDPWD/deploy/docker/make-secrets.sh"
    docker-compose -f compose.yaml config -q && docker-compose -f compose.yaml -f compose.sqlite.yaml config -q && echo valid)

say "images"
base=$(deploy/check/base.sh)
for half in app web; do
    buildah bud -q --format docker --isolation chroot --network host --layers --build-arg "BASE=$base" \
        -f "deploy/docker/$half.Dockerfile" -t "hmis-$half:check" . > /dev/null
    pod images --format "{{.Repository}} {{.Size}}" "hmis-$half:check"
done

say "a database, and its address in a secret"
password=$(cat "$work/secrets/hmis_database_password")
mariadb -h 127.0.0.1 -u root -e "DROP DATABASE IF EXISTS $database; CREATE DATABASE $database CHARACTER SET utf8mb4;
    CREATE OR REPLACE USER hmis_containers@'%' IDENTIFIED BY '$password'; GRANT ALL ON $database.* TO hmis_containers@'%'"
printf 'mysql+mysqldb://hmis_containers:%s@127.0.0.1/%s?charset=utf8mb4' "$password" "$database" > "$work/secrets/hmis_database_url"

say "the day, through nginx"
volume="$work/records"
mkdir "$volume" && chown 10001:10001 "$volume"
options=(-v "$volume:/var/lib/hmis")
for secret in hmis_secret_key hmis_database_url hmis_backup_key; do
    options+=(-v "$work/secrets/$secret:/run/secrets/$secret:ro")
done
options+=(-e HMIS_HOST=127.0.0.1 -e HMIS_PORT=5080 -e HMIS_TRUSTED_PROXIES=1
    -e HMIS_WORKER=separate -e HMIS_ENV=development)
run hmis-check-app hmis-app:check serve
run hmis-check-worker hmis-app:check work
options=(-e HMIS_APP=127.0.0.1:5080)
run hmis-check-web hmis-web:check
url=http://127.0.0.1:8080
for _ in $(seq 120); do curl -fsS "$url/api/v1/status" > /dev/null 2>&1 && break || sleep 1; done
curl -fsS "$url/api/v1/status"
pod exec hmis-check-app hmis demo --patients 60
.venv/bin/python docs/a_day.py --url "$url"

say "what a browser gets"
for path in / /login /app/queue /fr /_app/version.json /api/v1/status /metrics /no-such-page; do
    printf '%-22s %s\n' "$path" "$(curl -s -o /dev/null -H 'Accept-Encoding: gzip' -w '%{http_code} %{content_type} %{size_download} B' "$url$path")"
done
curl -sI "$url/login" | grep -i -E 'content-security-policy: .*script-src|x-frame-options'
pod exec hmis-check-app sh -c 'id -u; touch /opt/hmis/x 2>&1 || true'
failed=0
