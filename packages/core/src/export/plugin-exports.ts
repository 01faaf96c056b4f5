import type { ObservabilityError } from '../model/errors.js';
import { toError } from '../model/foreign-error.js';
import type { Part } from '../model/part.js';
import { version } from '../model/version.js';
import type { PluginExport, PluginExportOptions } from '../plugin/exports.js';
import { createHttpTransport } from '../recorder/transport/http-transport.js';
import type { OtlpTransport } from '../recorder/transport/otlp-transport.js';
import type { ExportObserver } from './counted-queue.js';
import { exportConnections } from './export-connections.js';
import { type ExportReporter, exportReporter, observeBoth } from './export-reporter.js';
import { outsideOfRequests } from './outside-of-requests.js';

/** What plugins send to backends. */
export interface PluginExports extends Part {
  open(options: PluginExportOptions): PluginExport;
}

interface Opened {
  readonly transport: OtlpTransport;
  readonly reporter: ExportReporter;
  cut(): void;
}

const defaultTimeoutMillis = 10_000;
/** What may be under way to an intake that does not answer; beyond that, profiles are dropped. */
const maxUnderWayBytes = 8 * 1_048_576;
const maxUnderWayRequests = 4;

/** @param observer called when the first export is opened: only then are there metrics about it */
export function createPluginExports(
  observer: () => ExportObserver,
  report: (error: ObservabilityError) => void,
): PluginExports {
  const opened: Opened[] = [];
  /** A plugin that is switched off and on again goes on with what it had. */
  const known = new Map<string, PluginExport>();
  const beforeFlush = new Map<string, PluginExportOptions['beforeFlush']>();
  const underWay = new Set<Promise<void>>();
  const outside = outsideOfRequests();
  let hurriedMillis: number | undefined;

  const allAnswered = async () => {
    await Promise.all(underWay);
  };

  return {
    open(options) {
      const key = JSON.stringify(options);
      beforeFlush.set(key, options.beforeFlush);
      const before = known.get(key);
      if (before) return before;
      const { url, headers, contentType, timeoutMillis = defaultTimeoutMillis } = options;
      const connections = exportConnections({
        certificate: undefined,
        clientCertificate: undefined,
        clientKey: undefined,
      });
      const transport = createHttpTransport({
        endpoint: url,
        headers,
        compression: 'none',
        contentType,
        timeoutMillis,
        createAgent: connections.createAgent,
        userAgent: `throughline/${version}`,
      });
      if (hurriedMillis !== undefined) transport.hurry(hurriedMillis);
      const reporter = exportReporter({ what: 'profiles', target: withoutUserInfo(url), report });
      const counted = observeBoth(observer(), reporter);
      opened.push({ transport, reporter, cut: connections.cut });
      let bytes = 0;
      let requests = 0;

      async function sendNow(given: Uint8Array | Promise<Uint8Array>, count: number): Promise<void> {
        const startMillis = performance.now();
        const seconds = () => (performance.now() - startMillis) / 1000;
        const failed = (error: Error, failedCount = count) => counted.failed(failedCount, seconds(), error);
        let body: Uint8Array;
        try {
          body = await given;
        } catch (error) {
          failed(toError(error));
          return;
        }
        if (bytes + body.length > maxUnderWayBytes) {
          counted.dropped(count);
          return;
        }
        bytes += body.length;
        const result = await transport.send({ body, spanCount: count });
        bytes -= body.length;
        if (result.status === 'failed') {
          failed(result.error);
          return;
        }
        const rejected = Math.min(count, Math.max(0, result.rejectedCount));
        if (count > rejected) counted.exported(count - rejected, seconds());
        if (rejected > 0) {
          failed(new Error(`the intake rejected them: ${result.message || 'no reason given'}`), rejected);
        }
      }

      const made: PluginExport = {
        send(body, count) {
          if (requests >= maxUnderWayRequests) {
            // Nobody else may wait for it.
            if (body instanceof Promise) body.catch(() => {});
            counted.dropped(count);
            return Promise.resolve();
          }
          return new Promise((done) => {
            outside(() => {
              requests++;
              const sending = sendNow(body, count).finally(() => {
                requests--;
                underWay.delete(sending);
                done();
              });
              underWay.add(sending);
            });
          });
        },
      };
      known.set(key, made);
      return made;
    },
    flush() {
      for (const before of beforeFlush.values()) {
        try {
          before?.();
        } catch {
          // One plugin that fails must not keep the others from sending.
        }
      }
      return allAnswered();
    },
    hurry(longestMillis) {
      hurriedMillis = longestMillis;
      for (const { transport, reporter } of opened) {
        transport.hurry(longestMillis);
        reporter.hurry();
      }
    },
    async stop() {
      await allAnswered();
      for (const { reporter } of opened) reporter.stop();
    },
    abandon() {
      for (const { transport, reporter, cut } of opened) {
        transport.abandon();
        cut();
        reporter.stop();
      }
    },
  };
}

/** `https://user:password@host` is a way to give credentials, which must not be shown. */
function withoutUserInfo(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}
