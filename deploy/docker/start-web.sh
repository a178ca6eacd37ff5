#!/bin/sh
# Tell nginx where the application is (HMIS_APP, host:port), who knows names, and whose word it takes on who asks
# (HMIS_WEB_TRUSTED_PROXY, addresses or networks of a TLS proxy in front); then run it.
set -eu
names=$(awk '/^nameserver/ { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
{
    [ -z "$names" ] || echo "resolver $names valid=5s;"
    echo "set \$hmis_app http://${HMIS_APP:-app:5000};"
    for proxy in ${HMIS_WEB_TRUSTED_PROXY:-}; do echo "set_real_ip_from $proxy;"; done
    echo "real_ip_header X-Forwarded-For;"
    echo "real_ip_recursive on;"
} > /tmp/application.conf
exec nginx -c /etc/hmis-nginx/container.conf -g 'daemon off;'
