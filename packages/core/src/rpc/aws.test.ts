import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withSpan } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

/*
 * The AWS SDK itself, against a local endpoint that speaks the protocols of DynamoDB and S3. The clients exist before
 * observability starts.
 */
let endpoint: Server;
let dynamo: DynamoDBClient;
let s3: S3Client;
let captured: CapturedObservability;
let attempts: number;

beforeEach(async () => {
  attempts = 0;
  endpoint = createServer(async (request, response) => {
    const body = await text(request);
    response.setHeader('x-amzn-requestid', 'request-7');
    if (request.headers['x-amz-target'] === undefined) {
      response.setHeader('x-amz-request-id', 'request-8');
      response.end('content of the object');
      return;
    }
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    attempts++;
    if (body.includes('"busy"') && attempts === 1) {
      response.writeHead(500).end(JSON.stringify({ __type: 'InternalServerError', message: 'again' }));
    } else if (body.includes('"missing"')) {
      const type = 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException';
      response.writeHead(400).end(JSON.stringify({ __type: type, message: 'no such table' }));
    } else response.end(JSON.stringify({ Item: { id: { S: '7' } } }));
  }).listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  const options = {
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  dynamo = new DynamoDBClient(options);
  s3 = new S3Client({ ...options, forcePathStyle: true });
  captured = captureObservability({ serviceName: 'orders' });
});
afterEach(async () => {
  await captured.stop();
  dynamo.destroy();
  s3.destroy();
  endpoint.close();
});

const get = (TableName: string) => new GetItemCommand({ TableName, Key: { id: { S: '7' } } });
const named = (name: string) => captured.waitForSpan((span) => span.name === name);
const count = async (...labels: string[]) => {
  const line = (await captured.metrics())
    .split('\n')
    .find(
      (each) =>
        each.startsWith('rpc_client_call_duration_seconds_count{') &&
        labels.every((label) => each.includes(label)),
    );
  return Number(/\} (\S+)/.exec(line ?? '')?.[1]);
};

test('a command that the service cancels is no error, and one that a signal times out is one', async () => {
  const abortSignal = AbortSignal.timeout(10);
  await new Promise((resolve) => abortSignal.addEventListener('abort', resolve));
  await expect(dynamo.send(get('orders'), { abortSignal })).rejects.toThrow();
  expect((await named('DynamoDB/GetItem')).attributes['error.type']).toBe('TimeoutError');
  expect(await count('error_type="TimeoutError"')).toBe(1);
  captured.reset();
  await expect(dynamo.send(get('orders'), { abortSignal: AbortSignal.abort() })).rejects.toThrow();
  expect((await named('DynamoDB/GetItem')).status.code).toBe(SpanStatusCode.UNSET);
  expect(await count('error_type="AbortError"')).toBeNaN();
});

test('a command is a span and a duration; its HTTP requests, one for each attempt, are children', async () => {
  const { Item } = await withSpan('request', () => dynamo.send(get('busy')));
  expect(Item).toEqual({ id: { S: '7' } });
  const span = await named('DynamoDB/GetItem');
  expect(span.kind).toBe(SpanKind.CLIENT);
  expect(span.parentSpanContext?.spanId).toBe((await named('request')).spanContext().spanId);
  expect(span.attributes).toMatchObject({
    'rpc.system.name': 'aws-api',
    'rpc.method': 'DynamoDB/GetItem',
    'aws.request_id': 'request-7',
    'http.response.status_code': 200,
  });
  const requests = captured.spans.filter(
    ({ parentSpanContext }) => parentSpanContext?.spanId === span.spanContext().spanId,
  );
  expect(requests.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([500, 200]);
  expect(await count('rpc_system_name="aws-api"', 'rpc_method="DynamoDB/GetItem"')).toBe(1);
});

test('an error has its class, and reaches the caller as it is', async () => {
  await expect(dynamo.send(get('missing'))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const span = await named('DynamoDB/GetItem');
  expect(span.attributes).toMatchObject({
    'error.type': 'ResourceNotFoundException',
    'http.response.status_code': 400,
  });
  expect(await count('error_type="ResourceNotFoundException"')).toBe(1);
});

test('with a callback, which runs in the context of the caller', async () => {
  await withSpan('request', async (span) => {
    const active = await new Promise((resolve) => {
      dynamo.send(new PutItemCommand({ TableName: 'orders', Item: {} }), () =>
        resolve(trace.getActiveSpan()?.spanContext().spanId),
      );
    });
    expect(active).toBe(span.spanContext().spanId);
  });
  await named('DynamoDB/PutItem');
});

test('a client of another service, whose answer is a stream', async () => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'pictures', Key: '7' }));
  expect(await Body?.transformToString()).toBe('content of the object');
  await named('S3/GetObject');
});

test('after shutdown nothing is recorded or changed', async () => {
  const { send } = dynamo;
  await captured.stop();
  expect(dynamo.send).not.toBe(send);
  expect((await dynamo.send(get('orders'))).Item).toEqual({ id: { S: '7' } });
  expect(captured.spans).toEqual([]);
});
