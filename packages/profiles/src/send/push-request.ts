import { ProtobufWriter } from './protobuf.js';

/** One profile with the labels of its series. */
export interface PushedProfile {
  readonly labels: Readonly<Record<string, string>>;
  /** A UUID. */
  readonly id: string;
  /** In pprof's format, compressed. */
  readonly pprof: Uint8Array;
}

/** The path of Pyroscope's intake: https://grafana.com/docs/pyroscope/latest/reference-server-api/ */
export const pushPath = '/push.v1.PusherService/Push';

/** A request to {@link pushPath}, by the Connect protocol with `content-type: application/proto`. */
export function pushRequest(profiles: readonly PushedProfile[]): Uint8Array {
  const request = new ProtobufWriter();
  for (const { labels, id, pprof } of profiles) {
    const series = new ProtobufWriter();
    for (const [name, value] of Object.entries(labels)) {
      series.bytes(1, new ProtobufWriter().bytes(1, name).bytes(2, value), true);
    }
    series.bytes(2, new ProtobufWriter().bytes(1, pprof).bytes(2, id), true);
    request.bytes(1, series, true);
  }
  return request.finish();
}
