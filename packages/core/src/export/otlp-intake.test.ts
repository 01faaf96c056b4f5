import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { otlpIntake } from './otlp-intake.js';

test.each([
  ['timeoutMillis', 60_000, 50],
  ['exportTimeoutMillis', 50, 60_000],
] as const)(
  'an export ends in time though %s is long, if the intake never answers',
  async (_, own, batch) => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const intake = otlpIntake('traces', {
      protocol: 'http/protobuf',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
      headers: {},
      compression: 'none',
      timeoutMillis: own,
      certificate: undefined,
      clientCertificate: undefined,
      clientKey: undefined,
      batch: { exportTimeoutMillis: batch },
    });
    const result = await intake.send({ body: new Uint8Array(8), spanCount: 1 });
    expect(result).toMatchObject({ status: 'failed' });
    intake.abandon();
    server.closeAllConnections();
    server.close();
  },
);
