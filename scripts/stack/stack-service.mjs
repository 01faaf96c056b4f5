import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folders of the packages that services of this folder use, beside those of the shop. */
export const packagesOfServices = ['fastify', 'koa', 'hono', 'bullmq', 'rabbitmq'].map(
  (name) => `packages/${name}`,
);

/**
 * Starts a service of this folder, which logs its port with the message `Listening.`.
 *
 * @param variables its environment variables: where its telemetry goes
 * @returns its address, and its lines
 */
export async function startStackService({ processes, folder, name, script, arguments: given, variables }) {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const service = processes.start(name, process.execPath, [file, ...given], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      OTEL_BSP_SCHEDULE_DELAY: '300',
      OTEL_BLRP_SCHEDULE_DELAY: '300',
      ...variables,
    },
    logFile: join(folder, `${name.replace(/\W+/g, '-')}.log`),
  });
  const port = await service.fromLine((line) => {
    if (!line.startsWith('{')) return undefined;
    const { message, port } = JSON.parse(line);
    return message === 'Listening.' ? port : undefined;
  });
  return { url: `http://127.0.0.1:${port}`, lines: service.lines };
}
