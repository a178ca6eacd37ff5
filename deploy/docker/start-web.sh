#!/bin/sh
# Tell nginx where the application is (HMIS_APP, host:port) and who knows names; then run it.
set -eu
names=$(awk '/^nameserver/ { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
{
    [ -z "$names" ] || echo "resolver $names valid=5s;"
    echo "set \$hmis_app http://${HMIS_APP:-app:5000};"
} > /tmp/application.conf
exec nginx -c /etc/hmis-nginx/container.conf -g 'daemon off;'
