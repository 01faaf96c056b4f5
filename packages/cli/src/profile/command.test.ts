import { createServer } from 'node:http';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterEach, expect, test, vi } from 'vitest';
import { recordedIo } from '../../test/recorded-io.js';
import { runCommandLine } from '../command-line/run.js';
import { commands } from '../commands.js';

afterEach(() => vi.unstubAllEnvs());

async function profile(...args: string[]) {
  const io = recordedIo({ folder: temporaryFolder() });
  const exitCode = await runCommandLine(commands, ['profile', ...args], io);
  return { exitCode, problems: io.problemText() };
}

test.each([
  [['--pid', 'abc'], /--pid takes the number of a process, not 'abc'/],
  [['--pid', '1', '--url', 'http://localhost'], /Pass --pid or --url, not both/],
  [['--seconds', 'long'], /--seconds takes a number, not 'long'/],
  [['now'], /profile takes no argument 'now'/],
  [['--url', 'http://localhost'], /There is no token: THROUGHLINE_CONTROL_TOKEN is not set/],
])('%j is refused with a reason', async (args, reason) => {
  const { exitCode, problems } = await profile(...args);
  expect(exitCode).toBe(2);
  expect(problems).toMatch(reason);
});

test.runIf(process.platform === 'linux')('a process that is not there, or listens nowhere', async () => {
  // The kernel gives no process a number above this one.
  expect((await profile('--pid', '4194305')).problems).toContain('The process 4194305 does not exist.');
  expect((await profile('--pid', String(process.pid))).problems).toMatch(/listens on no port/);
});

test.runIf(process.platform === 'linux')('a process whose ports have no live control', async () => {
  vi.stubEnv('THROUGHLINE_CONTROL_TOKEN', 'correct-horse-battery');
  const server = createServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { problems } = await profile('--pid', String(process.pid));
  server.closeAllConnections();
  server.close();
  expect(problems).toMatch(/No port of the process has live control: http:\/\/127\.0\.0\.1:\d+ answers 404/);
});

test.each([
  [404, '{"error":{"message":"The path \'profile\' does not exist."}}', /Install @throughline\/profiles/],
  [
    401,
    '{"error":{"message":"This request needs a bearer token."}}',
    /Use the token that the service was started with/,
  ],
  [409, '{"error":{"message":"Another profile is being taken."}}', /Another profile is being taken/],
  [502, 'Bad gateway', /it answers 502/],
])('an answer with %i says what to do', async (status, body, reason) => {
  vi.stubEnv('THROUGHLINE_CONTROL_TOKEN', 'correct-horse-battery');
  const server = createServer((_request, response) => response.writeHead(status).end(body)).listen(
    0,
    '127.0.0.1',
  );
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as import('node:net').AddressInfo;
  const { exitCode, problems } = await profile('--url', `127.0.0.1:${port}`, '--seconds', '1');
  server.closeAllConnections();
  server.close();
  expect(exitCode).toBe(2);
  expect(problems).toMatch(reason);
});
