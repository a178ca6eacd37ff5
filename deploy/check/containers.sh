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
run() { # how name image command...
    local how=$1 name=$2 image=$3
    shift 3
    pod run "$how" --name "$name" --network host --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
        --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 "${options[@]}" "$image" "$@"
}
until_ready() {
    for _ in $(seq 120); do pod exec hmis-check-app hmis-ask /readyz > /dev/null 2>&1 && break || sleep 1; done
    pod exec hmis-check-app hmis-ask /readyz
}
sql() { mariadb -h 127.0.0.1 -u root -N -e "$1"; }
end() {
    for name in hmis-check-web hmis-check-app hmis-check-worker; do
        [ "${failed:-1}" = 0 ] || pod logs --tail 20 "$name" 2>&1 | sed "s/^/$name: /" || true
        pod rm -f -t 5 "$name" > /dev/null 2>&1 || true
    done
    for one in $(sql "SHOW DATABASES LIKE '$database%'"); do sql "DROP DATABASE \`$one\`"; done
    sql "DROP USER IF EXISTS $database@'%'"
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
sql "DROP DATABASE IF EXISTS $database; CREATE DATABASE $database CHARACTER SET utf8mb4;
    CREATE OR REPLACE USER hmis_containers@'%' IDENTIFIED BY '$password'; GRANT ALL ON $database.* TO hmis_containers@'%';
    $(sed 's/hmis/hmis_containers/g' deploy/docker/grants.sql)"
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
of_the_application=("${options[@]}")
run -d hmis-check-app hmis-app:check serve > /dev/null
run -d hmis-check-worker hmis-app:check work > /dev/null
options=(-e HMIS_APP=127.0.0.1:5080)
run -d hmis-check-web hmis-web:check > /dev/null
url=http://127.0.0.1:8080
until_ready
echo "the application is ready"
for name in app web; do
    pod healthcheck run "hmis-check-$name" > /dev/null
    echo "the check of the image hmis-$name: healthy"
done
curl -fsS -w '\n' "$url/healthz"
pod exec hmis-check-app hmis demo --patients 60
.venv/bin/python docs/a_day.py --url "$url"

say "what a browser gets"
for path in / /login /app/queue /fr /_app/version.json /api/v1/status /healthz /readyz /metrics /no-such-page; do
    printf '%-22s %s\n' "$path" "$(curl -s -o /dev/null -H 'Accept-Encoding: gzip' -w '%{http_code} %{content_type} %{size_download} B' "$url$path")"
done
curl -sI "$url/login" | grep -i -E 'content-security-policy: .*script-src|x-frame-options'
pod exec hmis-check-app sh -c 'id -u; touch /opt/hmis/x 2>&1 || true'

say "the jobs, done by the worker's container"
pod logs hmis-check-worker 2>&1 | grep -m 1 keeper_started
pod exec hmis-check-worker hmis jobs run backup
pod exec hmis-check-worker hmis jobs run drill
pod exec hmis-check-worker hmis audit verify

say "back to the last backup, as docs/operations.md says"
pod stop -t 20 hmis-check-app hmis-check-worker > /dev/null
options=("${of_the_application[@]}")
run --rm hmis-check-restore hmis-app:check backup restore --replace
pod start hmis-check-app hmis-check-worker > /dev/null
until_ready
pod exec hmis-check-app hmis check
failed=0
