# syntax=docker/dockerfile:1
# The image of twindex, for all of its commands: docker run twindex gateway --host 0.0.0.0. See docs/deploy.md.
ARG NODE=node:24-bookworm-slim

FROM ${NODE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

FROM ${NODE} AS dependencies
WORKDIR /opt/twindex
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE}
LABEL org.opencontainers.image.title="twindex" \
      org.opencontainers.image.description="Zero-downtime schema migrations for Elasticsearch and OpenSearch" \
      org.opencontainers.image.source="https://github.com/twindex/twindex" \
      org.opencontainers.image.licenses="Apache-2.0"
# Nothing is installed in a running container.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn-* /usr/local/bin/yarn*
WORKDIR /opt/twindex
COPY --from=dependencies /opt/twindex/node_modules node_modules
COPY --from=build /src/package.json /src/LICENSE ./
COPY --from=build /src/bin bin
COPY --from=build /src/dist dist
COPY --from=build /src/schemas schemas
COPY --from=build /src/deploy/docker/healthcheck.js ./
RUN ln -s /opt/twindex/bin/twindex.js /usr/local/bin/twindex
ENV NODE_ENV=production \
    TWINDEX_CONFIG=/config/twindex.config.ts
# A number, since Kubernetes can't see that a name is not root. The image has a user `node` with this number.
USER 1000:1000
# The configuration and the index files are mounted here. Nothing is written, so the root file system may be read-only.
WORKDIR /config
EXPOSE 9201 9202
# Of the gateway, unless TWINDEX_HEALTH_URL says otherwise. A container without a listener needs --no-healthcheck.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/opt/twindex/healthcheck.js"]
ENTRYPOINT ["node", "/opt/twindex/bin/twindex.js"]
CMD ["--help"]
