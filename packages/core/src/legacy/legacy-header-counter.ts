import { Counter, type Registry } from 'prom-client';
import type { Logger } from 'winston';

/** Further callers are counted as `other`, because the names come from the requests and could be unlimited. */
const maxSources = 100;

/** Who still uses the old header, as a metric and as one log line for each. */
export interface WhoIsLeft {
  /** A request or message came with the old header and no trace context. */
  received(source: string, header: string, used: boolean): void;
  /** An outgoing call carries the old header. */
  sent(by: 'throughline' | 'application', header: string): void;
}

export function countOldHeaders(registry: Registry, logger: Logger): WhoIsLeft {
  const counter = new Counter({
    name: 'throughline_legacy_trace_headers_total',
    help: 'Requests and messages with the old trace header. direction in: from callers that send no trace context. direction out: sent by Throughline or by the application itself.',
    labelNames: ['direction', 'source'],
    registers: [registry],
  });
  const sources = new Set<string>();
  const said = new Set<string>();
  const sayOnce = (key: string, say: () => void) => {
    if (said.has(key)) return;
    said.add(key);
    say();
  };

  return {
    received(source, header, used) {
      const known = sources.has(source) || sources.size < maxSources ? source : 'other';
      if (known !== 'other') sources.add(known);
      counter.inc({ direction: 'in', source: known });
      sayOnce(`${used ? 'used' : 'refused'} ${known}`, () => {
        const fields = { header, source: known };
        if (used) logger.info('A caller still sends the old trace header.', fields);
        else
          logger.warn(
            'A caller sends only the old trace header, which is no longer used. Its traces do not continue here.',
            fields,
          );
      });
    },
    sent(by, header) {
      counter.inc({ direction: 'out', source: by });
      if (by === 'throughline') return;
      sayOnce(by, () =>
        logger.info('The code of this service sets the old trace header. Throughline already sends it.', {
          header,
        }),
      );
    },
  };
}
