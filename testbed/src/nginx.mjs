import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { anyFreePort } from './ports.mjs';

/** What to do if there is no nginx. */
export const nginxHint = 'install nginx';

/** Debian keeps it where only root looks. */
function nginxProgram() {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter).filter(Boolean),
    '/usr/sbin',
    '/usr/local/sbin',
  ];
  return folders.map((folder) => join(folder, 'nginx')).find(existsSync);
}

/**
 * A throw-away nginx from a binary.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./processes.mjs').createProcesses>} options.processes
 * @param {string} options.folder keeps configuration and logs
 * @param {(port: number) => string} options.servers the `server` blocks of the configuration; one listens on the port
 * @returns {Promise<{
 *   port: number,
 *   requests: () => { path: string, status: number, user: string, encoding: string }[],
 *   stop: () => Promise<unknown>,
 * } | undefined>} `requests` are those that it has answered so far; undefined if there is none
 */
export async function startNginx({ processes, folder, servers }) {
  const command = nginxProgram();
  if (!command) return undefined;
  const home = join(folder, `nginx-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  const port = await anyFreePort();
  const file = join(home, 'nginx.conf');
  const accessLog = join(home, 'access.log');
  writeFileSync(file, nginxConfig({ home, accessLog, servers: servers(port) }));
  const server = processes.start('nginx', command, ['-e', 'stderr', '-p', home, '-c', file]);
  await server.fromLine((line) => /start worker process /.test(line) || undefined);
  return {
    port,
    requests: () =>
      readFileSync(accessLog, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    stop: server.stop,
  };
}

function nginxConfig({ home, accessLog, servers }) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
worker_processes 1;
pid ${home}/nginx.pid;
error_log stderr notice;
events {}
http {
  ${temporary.map((what) => `${what}_temp_path ${home}/${what};`).join('\n  ')}
  log_format requests escape=json
    '{"path":"$request_uri","status":$status,"user":"$remote_user","encoding":"$http_content_encoding"}';
  access_log ${accessLog} requests;
  ${servers}
}
`;
}
