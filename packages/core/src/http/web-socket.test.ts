import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { captureObservability } from '../testing.js';

/* The undici package and a server of `ws` are in test/external-calls.test.ts. Node 20 has no WebSocket. */
test.skipIf(!('WebSocket' in globalThis))(
  "the handshake of Node's own WebSocket is a client call that ends with status 101",
  async () => {
    const captured = captureObservability({});
    const server = createServer().on('upgrade', (request, socket) => {
      // https://www.rfc-editor.org/rfc/rfc6455#section-1.3
      const accept = createHash('sha1')
        .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
      );
      // An empty frame that closes with 1000 is answered with another one.
      socket.once('data', () => socket.end(Buffer.from([0x88, 2, 0x03, 0xe8])));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/chat?token=secret`);
      await once(socket, 'open');
      const span = await captured.waitForSpan(({ kind }) => kind === SpanKind.CLIENT);
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
      expect(span.attributes).toMatchObject({
        'http.response.status_code': 101,
        'url.full': `http://127.0.0.1:${port}/chat?token=REDACTED`,
      });
      expect(span.attributes).not.toHaveProperty('error.type');
      socket.close(1000);
      await once(socket, 'close');
      const metrics = await captured.metrics();
      expect(metrics).toMatch(
        /^http_client_request_duration_seconds_count\{[^}]*http_response_status_code="101"[^}]*\} 1$/m,
      );
      expect(metrics).toMatch(/^http_server_active_requests\{[^}]*\} 0$/m);
      expect(captured.spans.filter(({ kind }) => kind === SpanKind.CLIENT)).toHaveLength(1);
    } finally {
      server.closeAllConnections();
      server.close();
      await captured.stop();
    }
  },
);
