# The server of HMIS: API, pages, console, jobs. Built from the repository's root:
#
#     docker build -f deploy/docker/app.Dockerfile -t hmis-app .
#
# BASE is any Debian 12 or newer with a Python of 3.11 or newer in its archive.
ARG BASE=debian:bookworm-slim

# --- the pages: needs Node, which comes from the hashed lock as a Python wheel
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

# --- the packages, exactly those of the lock, and the product as a wheel with the pages in it
FROM ${BASE} AS build
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-venv python3-dev gcc pkg-config libmariadb-dev ca-certificates \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
RUN python3 -m venv /opt/hmis
COPY deploy/requirements.lock deploy/requirements.lock
RUN /opt/hmis/bin/pip install -q --no-cache-dir --require-hashes -r deploy/requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY hmis hmis
COPY --from=pages /pages hmis/web
RUN /opt/hmis/bin/pip install -q --no-cache-dir --no-deps --no-build-isolation . \
    && find /opt/hmis -name '*.pyc' -delete && python3 -m compileall -q --invalidation-mode unchecked-hash /opt/hmis/lib

# --- what runs: no compiler, no Node, no root. (mariadb-server-core: the drill restores into a server of its own.)
FROM ${BASE}
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 libmariadb3 mariadb-client mariadb-server-core ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/hmis --create-home --shell /usr/sbin/nologin hmis
COPY --from=build /opt/hmis /opt/hmis
COPY deploy/docker/start.sh /usr/local/bin/hmis-start
COPY deploy/docker/ask.sh /usr/local/bin/hmis-ask
ENV PATH=/opt/hmis/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HMIS_ENV=production HMIS_HOST=0.0.0.0 HMIS_DATA_DIR=/var/lib/hmis
USER hmis
VOLUME /var/lib/hmis
EXPOSE 5000
# Is the process alive: who starts it anew because the database is away makes nothing better. compose.yaml asks /readyz.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["hmis-ask", "/healthz"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["hmis-start"]
CMD ["serve"]
