# One image for all services of the shop. Build it from the root of the repository:
#   docker build --file examples/stack/shop.Dockerfile --tag throughline-shop .
FROM node:24.11.1-alpine3.22 AS build
WORKDIR /workspace
RUN npm install --global pnpm@10.34.8
COPY . .
RUN pnpm install --frozen-lockfile \
      --filter 'throughline-example-shop...' --filter throughline-workspace \
 && pnpm --recursive --filter 'throughline-example-shop...' run build \
 && pnpm --filter throughline-example-shop deploy --prod --legacy /service

FROM node:24.11.1-alpine3.22
ENV NODE_ENV=production
WORKDIR /service
# The folder for log files, which the compose profile `files` uses.
RUN mkdir -p /var/log/microservices && chown node:node /var/log/microservices
COPY --from=build /service .
USER node
# The service to start: gateway, product or views.
ENV SERVICE=gateway
EXPOSE 9464
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=12 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["sh", "-c", "exec node --enable-source-maps dist/$SERVICE/main.js"]
