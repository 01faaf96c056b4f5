import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { outsideOfBundles } from './libraries.mjs';
import { serviceSource } from './service.mjs';

const execute = promisify(execFile);

/** Name of the service in everything that a cell records. */
export const cellName = ({ node, system, init, express }) =>
  `node${node}-${system}-${init}-express${express}`.replaceAll(/[^\w.]+/g, '-');

/**
 * Runs one cell as a real process and says which promises it kept.
 *
 * @param folder where the packed packages are installed
 * @param parts `{ intake, echoUrl, postgresUrl, redisUrl, brokers, rabbitmqUrl, natsUrl, sqsUrl }`
 * @returns {Promise<{ kept: Record<string, boolean>, output: string }>} promises whose part is missing are left out
 */
export async function runCell(cell, folder, parts) {
  const service = cellName(cell);
  const { command, args } = await prepare(cell, folder, service);
  let output = '';
  try {
    const { stdout, stderr } = await execute(command, args, {
      cwd: folder,
      timeout: 120_000,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        OTEL_SERVICE_NAME: service,
        OTEL_EXPORTER_OTLP_ENDPOINT: parts.intake.url,
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        ECHO_URL: parts.echoUrl,
        ...(parts.postgresUrl ? { POSTGRES_URL: parts.postgresUrl } : {}),
        ...(parts.redisUrl ? { REDIS_URL: parts.redisUrl } : {}),
        ...(parts.rabbitmqUrl ? { RABBITMQ_URL: parts.rabbitmqUrl } : {}),
        ...(parts.natsUrl ? { NATS_URL: parts.natsUrl } : {}),
        ...(parts.sqsUrl ? { SQS_URL: parts.sqsUrl } : {}),
        ...(parts.brokers ? { KAFKA_BROKERS: parts.brokers.join(',') } : {}),
      },
    });
    output = stdout + stderr;
  } catch (error) {
    output = `${error.stdout ?? ''}${error.stderr ?? ''}${error.message}`;
  }
  return { kept: judge(output, parts, service), output };
}

async function prepare(cell, folder, service) {
  const source = serviceSource(cell);
  const cells = join(folder, 'cells');
  mkdirSync(cells, { recursive: true });
  const file = (extension) => {
    const path = join(cells, `${service}.${extension}`);
    writeFileSync(path, source);
    return path;
  };
  const flags = cell.init === 'import flag' ? ['--import', '@throughline/core/register'] : [];
  const node = (path, more = []) => ({ command: cell.nodePath, args: [...flags, ...more, path] });
  switch (cell.system) {
    case 'esm':
      return node(file('mjs'));
    case 'cjs':
      return node(file('cjs'));
    case 'tsx':
      return node(file('mts'), ['--import', 'tsx']);
    case 'type stripping':
      return node(file('mts'));
    case 'bundle external':
      return node(await bundle(folder, file('mjs'), { packages: 'external' }));
    case 'bundle inlined':
      return node(
        await bundle(folder, file('mjs'), {
          format: 'cjs',
          external: ['pg-native', 'redis', ...outsideOfBundles],
        }),
      );
    default:
      throw new Error(`No such module system: ${cell.system}`);
  }
}

async function bundle(folder, entry, options) {
  const esbuild = createRequire(join(folder, 'package.json'))('esbuild');
  const format = options.format ?? 'esm';
  const outfile = entry.replace(/\.mjs$/, format === 'cjs' ? '.bundle.cjs' : '.bundle.mjs');
  await esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format,
    logLevel: 'error',
    ...options,
  });
  return outfile;
}

function judge(output, parts, service) {
  const answer = output.split('\n').find((line) => line.startsWith('{"result"'));
  const result = answer ? JSON.parse(answer).result : undefined;
  const spans = parts.intake.spansOf(service);
  const servers = spans.filter(
    (span) => span.kind === 2 && span.attributes['http.route'] === '/orders/:id/items/:item',
  );
  const server = servers.at(-1);
  /** The span below the request with this attribute, if there is exactly one. BullMQ's own commands are below its span. */
  const onlyChild = (parent, key, value) => {
    const found = spans.filter(
      (span) => parent && span.parentSpanId === parent.spanId && span.attributes[key] === value,
    );
    return found.length === 1 ? found[0] : undefined;
  };
  const operation = (system) => onlyChild(server, 'db.system.name', system) !== undefined;
  const call = onlyChild(server, 'rpc.method', 'shop.Cart/Add');
  const message = (system) => {
    const ofTrace = spans.filter(
      (span) => span.traceId === server?.traceId && span.attributes['messaging.system'] === system,
    );
    const [send, process] = [4, 5].map((kind) => ofTrace.find((span) => span.kind === kind));
    return (
      ofTrace.length === 2 && send?.parentSpanId === server.spanId && process?.parentSpanId === send.spanId
    );
  };
  const carried = (key) => {
    const traceparent = result?.answers.at(-1)?.[key] ?? '';
    const [, traceId, spanId] = traceparent.split('-');
    // The parent that the callee sees is a client span of this very trace, and there is only one for the call.
    return (
      server !== undefined &&
      traceId === server.traceId &&
      spans.filter((span) => span.spanId === spanId && span.kind === 3).length === 1
    );
  };
  const logged = output
    .split('\n')
    .filter((line) => line.includes('"message":"order read"'))
    .map((line) => JSON.parse(line));
  return {
    route: servers.length === 2 && server.name === 'GET /orders/:id/items/:item',
    metric:
      /http_server_request_duration_seconds_count\{http_request_method="GET",http_route="\/orders\/:id\/items\/:item",http_response_status_code="200"[^}]*\} 2\n/.test(
        result?.metrics ?? '',
      ),
    frameworks: ['fastify', 'koa', 'hono'].every((name) =>
      new RegExp(
        `http_server_request_duration_seconds_count\\{[^}]*http_route="/${name}/:id"[^}]*\\} 1\n`,
      ).test(result?.metrics ?? ''),
    ),
    grpc: call?.kind === 3 && onlyChild(call, 'rpc.method', 'shop.Cart/Add')?.kind === 2,
    graphql: onlyChild(server, 'graphql.operation.name', 'Answer') !== undefined,
    log: logged.length === 2 && logged.at(-1)?.trace_id === server?.traceId,
    fetch: carried('byFetch'),
    'http.request': carried('byRequest'),
    ...(parts.postgresUrl ? { pg: operation('postgresql') } : {}),
    ...(parts.redisUrl ? { ioredis: operation('redis') } : {}),
    ...(parts.redisUrl ? { bullmq: message('bullmq') } : {}),
    ...(parts.rabbitmqUrl ? { amqplib: message('rabbitmq') } : {}),
    ...(parts.natsUrl ? { nats: message('nats') } : {}),
    ...(parts.sqsUrl
      ? {
          sqs: message('aws_sqs'),
          aws:
            onlyChild(onlyChild(server, 'messaging.system', 'aws_sqs'), 'rpc.method', 'SQS/SendMessage') !==
            undefined,
        }
      : {}),
    ...(parts.brokers ? { kafkajs: message('kafka') } : {}),
  };
}
