# One image for every server of Gatebook; the command says which one runs: `node dist/apps/gate/src/main.js`.
# It holds production dependencies and compiled code: no sources, no specs, no stand-ins for tests, no build tools.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /gatebook
COPY package.json package-lock.json .npmrc ./
# The Node in the dependencies is for machines that lack one.
RUN npm ci --include=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/node-linux-* node_modules/.bin/node
COPY nest-cli.json .swcrc tsconfig.json tsconfig.build.json ./
COPY apps apps
COPY libs libs
COPY bench bench
RUN node node_modules/@nestjs/cli/bin/nest.js build all \
  && rm -rf dist/libs/testing dist/bench dist/apps/demo-idp dist/apps/all \
  && find dist -type f \( -name '*.spec.js*' -o -name '*.fixture.js*' -o -name '*.contract.js*' \) -delete

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /gatebook
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node node_modules/@kurrent/*-musl node_modules/typescript \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=4 HOST=0.0.0.0 PORT=3000 GATEBOOK_DATA_DIR=/data
WORKDIR /gatebook
RUN install -d -o node -g node -m 0700 /data
COPY --from=dependencies /gatebook/node_modules node_modules
COPY --from=build /gatebook/dist dist
COPY package.json LICENSE ./
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/apps/gate/src/main.js"]
