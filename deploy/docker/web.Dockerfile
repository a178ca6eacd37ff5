# The web server in front of HMIS: nginx with the built pages. Built from the repository's root:
#
#     docker build -f deploy/docker/web.Dockerfile -t hmis-web .
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS pages
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-venv ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY web/node.lock web/node.lock
RUN python3 -m venv /node && /node/bin/pip install -q --no-cache-dir --require-hashes -r web/node.lock
# (the certificates of the image, so that a hospital with a proxy of its own can build too)
ENV PATH=/node/bin:$PATH HMIS_WEB_OUT=/pages NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
COPY web/package.json web/package-lock.json web/
RUN cd web && npm ci --silent
COPY web web
COPY hmis/core/page_policy.py hmis/core/page_policy.py
RUN cd web && npm run --silent build -- --logLevel error
RUN python3 hmis/core/page_policy.py /pages > /policies.conf

FROM ${BASE}
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light && rm -rf /var/lib/apt/lists/* /var/www/html \
    && useradd --system --uid 10002 --home-dir /nonexistent --shell /usr/sbin/nologin web
COPY deploy/nginx /etc/hmis-nginx
COPY deploy/docker/start-web.sh /usr/local/bin/hmis-web-start
COPY --from=pages /policies.conf /etc/hmis-nginx/hmis/policies.conf
COPY --from=pages /pages /srv/hmis
USER web
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --retries=4 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /login HTTP/1.0\\r\\n\\r\\n' >&3 && head -1 <&3 | grep -q ' 200 '"]
STOPSIGNAL SIGQUIT
ENTRYPOINT ["hmis-web-start"]
