# Two stages: what builds, with the tools of npm, and what runs, without any. `npm run check:image` lints this file and does its steps without Docker.
# Debian's slim image: what a shell in the Pod can do is what an operator needs on a bad day, and nothing in it runs as root.
ARG NODE_IMAGE=node:22.20.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY . .
# Nothing of what is for development is needed to build.
RUN npm ci --omit=dev --no-audit --no-fund
# Code, styles and all content, so that a start reads one file.
RUN npm run build

FROM ${NODE_IMAGE}
# What the server writes lies under /data, which a volume takes the place of; all else may be read-only.
RUN install -d -o 10001 -g 10001 -m 0700 /data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/static ./static
COPY --from=build /app/views ./views
COPY --from=build /app/content ./content
ENV NODE_ENV=production DATA_DIR=/data/store PORT=3000
USER 10001:10001
EXPOSE 3000
# Kubernetes has probes of its own and does not look at it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/server/index.js"]
