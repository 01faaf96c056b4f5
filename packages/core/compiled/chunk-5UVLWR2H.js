// package.json
var package_default = {
  name: "@throughline/core",
  version: "0.1.0",
  description: "Traces, metrics and logs for a Node service from one call, all carrying the same identity.",
  keywords: [
    "opentelemetry",
    "observability",
    "tracing",
    "metrics",
    "prometheus",
    "logging",
    "winston",
    "otlp",
    "tempo",
    "loki"
  ],
  license: "Apache-2.0",
  type: "module",
  bin: {
    throughline: "./bin/throughline.js"
  },
  sideEffects: [
    "./bin/throughline.js",
    "./dist/cli.js",
    "./dist/register.js",
    "./dist/register.cjs"
  ],
  engines: {
    node: ">=20.19.0"
  },
  files: [
    "bin",
    "dist",
    "!dist/scan-*.map",
    "README.md",
    "LICENSE",
    "THIRD-PARTY-LICENSES.md"
  ],
  main: "./dist/index.cjs",
  module: "./dist/index.js",
  types: "./dist/index.d.ts",
  exports: {
    ".": {
      import: {
        types: "./dist/index.d.ts",
        default: "./dist/index.js"
      },
      require: {
        types: "./dist/index.d.cts",
        default: "./dist/index.cjs"
      }
    },
    "./register": {
      import: {
        types: "./dist/register.d.ts",
        default: "./dist/register.js"
      },
      require: {
        types: "./dist/register.d.cts",
        default: "./dist/register.cjs"
      }
    },
    "./testing": {
      import: {
        types: "./dist/testing.d.ts",
        default: "./dist/testing.js"
      },
      require: {
        types: "./dist/testing.d.cts",
        default: "./dist/testing.cjs"
      }
    },
    "./package.json": "./package.json"
  },
  typesVersions: {
    "*": {
      register: [
        "./dist/register.d.ts"
      ],
      testing: [
        "./dist/testing.d.ts"
      ]
    }
  },
  scripts: {
    build: `node -e "fs.rmSync('dist', { recursive: true, force: true })" && npm run build:code && npm run build:types`,
    "build:code": "tsup && node bundle/bundle.mjs",
    "build:types": "tsup --config tsup.types.config.ts"
  },
  dependencies: {
    "@opentelemetry/api": ">=1.9.0 <2",
    "prom-client": "^15.1.0",
    winston: "^3.19.0",
    "winston-transport": "^4.9.0"
  },
  devDependencies: {
    "@babel/parser": "7.29.14",
    "@babel/types": "7.29.14",
    "@eropple/nestjs-correlation-id": "1.0.1",
    "@evanion/nestjs-correlation-id": "1.1.0",
    "@nestjs/common": "12.5.1",
    "@opentelemetry/api-logs": "0.223.0",
    "@opentelemetry/context-async-hooks": "2.12.0",
    "@opentelemetry/core": "2.12.0",
    "@opentelemetry/exporter-logs-otlp-http": "0.223.0",
    "@opentelemetry/exporter-metrics-otlp-http": "0.223.0",
    "@opentelemetry/exporter-trace-otlp-http": "0.223.0",
    "@opentelemetry/instrumentation": "0.223.0",
    "@opentelemetry/instrumentation-http": "0.223.0",
    "@opentelemetry/instrumentation-pg": "0.76.0",
    "@opentelemetry/instrumentation-undici": "0.33.0",
    "@opentelemetry/otlp-exporter-base": "0.223.0",
    "@opentelemetry/otlp-transformer": "0.223.0",
    "@opentelemetry/propagator-b3": "2.12.0",
    "@opentelemetry/propagator-jaeger": "2.12.0",
    "@opentelemetry/resources": "2.12.0",
    "@opentelemetry/sdk-logs": "0.223.0",
    "@opentelemetry/sdk-metrics": "2.12.0",
    "@opentelemetry/sdk-trace-base": "2.12.0",
    "@opentelemetry/sdk-trace-node": "2.12.0",
    "@prometheus-io/client": "0.16.1",
    "@rollup/plugin-commonjs": "29.0.3",
    "@rollup/plugin-node-resolve": "16.0.3",
    "@types/semver": "^7.7.1",
    "@types/triple-beam": "^1.3.5",
    "@vizydrop/correlation-id": "4.0.0",
    axios: "^1.21.1",
    bunyan: "2.0.5",
    bunyan1: "npm:bunyan@1.8.15",
    "cls-rtracer": "2.6.4",
    commander: "^14.0.3",
    "correlation-id": "5.2.0",
    diff: "9.0.0",
    express: "5.3.0",
    "express-correlation-id": "3.0.1",
    "express-mw-correlation-id": "5.1.0",
    "express-request-id": "3.0.0",
    hpropagate: "1.0.1",
    ignore: "7.0.6",
    "koa-requestid": "2.3.0",
    nestjs11: "npm:@nestjs/common@11.2.10",
    pg: "8.23.1",
    pino: "10.4.0",
    pino8: "npm:pino@8.21.0",
    pino9: "npm:pino@9.14.0",
    "reflect-metadata": "^0.2.2",
    rollup: "4.68.7",
    "rotating-file-stream": "^3.2.10",
    rxjs: "^7.8.2",
    semver: "^7.7.3",
    "triple-beam": "^1.4.1"
  }
};

// src/model/version.ts
var version = package_default.version;

export {
  package_default,
  version
};
//# sourceMappingURL=chunk-5UVLWR2H.js.map