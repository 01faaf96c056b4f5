import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import protobuf from 'protobufjs';
import { onLoopback } from './otlp-intake.mjs';
import { decodePprof } from './pprof.mjs';

// The messages of POST /push.v1.PusherService/Push, by name and number:
// https://grafana.com/docs/pyroscope/latest/reference-server-api/
const { root } = protobuf.parse(
  `syntax = "proto3"; package push.v1;
  message PushRequest { repeated RawProfileSeries series = 1; }
  message RawProfileSeries { repeated LabelPair labels = 1; repeated RawSample samples = 2; }
  message LabelPair { string name = 1; string value = 2; }
  message RawSample { bytes raw_profile = 1; string ID = 2; }`,
);
const PushRequest = root.lookupType('push.v1.PushRequest');

/**
 * @typedef {{ labels: Record<string, string>, id: string, profile: import('./pprof.mjs').PprofProfile,
 *   pprof: Uint8Array }} PushedProfile
 */

/**
 * Stands in for Pyroscope, whose licence keeps it out of the tests: takes pushed profiles and decodes them. A request that
 * Pyroscope would refuse gets 400.
 *
 * @param {(request: import('node:http').IncomingMessage) => number | undefined | Promise<number | undefined>} [statusOf]
 *   the status of the answer; a promise that never resolves makes the intake hang
 * @returns {Promise<{ url: string, profiles: PushedProfile[], requests: import('node:http').IncomingHttpHeaders[],
 *   problems: Error[], until: (done: (profiles: PushedProfile[]) => boolean) => Promise<void>, stop: () => Promise<void> }>}
 */
export async function startPyroscopeIntake(statusOf = () => 200) {
  const profiles = [];
  const requests = [];
  const problems = [];
  const waiting = new Set();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    requests.push(request.headers);
    const status = await statusOf(request);
    if (status !== 200) {
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"code":"unauthenticated"}');
      return;
    }
    try {
      profiles.push(...pushedProfiles(request, body));
      response.writeHead(200, { 'content-type': 'application/proto' }).end();
    } catch (error) {
      problems.push(error);
      response.writeHead(400, { 'content-type': 'text/plain' }).end(error.message);
    }
    for (const look of [...waiting]) look();
  });
  const opened = await onLoopback(server);
  return {
    ...opened,
    profiles,
    requests,
    problems,
    until: (done) =>
      new Promise((resolve) => {
        const look = () => {
          if (!done(profiles)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

function pushedProfiles(request, body) {
  if (request.method !== 'POST' || !request.url.endsWith('/push.v1.PusherService/Push')) {
    throw new Error(`${request.method} ${request.url} is not the path of a push.`);
  }
  if (request.headers['content-type'] !== 'application/proto') throw new Error('The content type is wrong.');
  const { series } = PushRequest.toObject(PushRequest.decode(body), { defaults: true });
  return series.flatMap(({ labels, samples }) => {
    const named = Object.fromEntries(labels.map(({ name, value }) => [name, value]));
    if (!named.__name__ || !named.service_name) throw new Error('A series needs __name__ and service_name.');
    for (const [name, value] of Object.entries(named)) {
      if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || value === '')
        throw new Error(`The label ${name} is not valid.`);
    }
    return samples.map(({ rawProfile, ID }) => {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(ID)) throw new Error('An id is not a UUID.');
      return { labels: named, id: ID, profile: decodePprof(rawProfile), pprof: rawProfile };
    });
  });
}
