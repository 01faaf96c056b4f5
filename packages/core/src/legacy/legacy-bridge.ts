import type { TextMapPropagator } from '@opentelemetry/api';
import type { Registry } from 'prom-client';
import type { Logger } from 'winston';
import type { Part } from '../model/part.js';
import { endOfAcceptance } from '../options/legacy-options.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { announceEnd } from './accept-until.js';
import { bridgePropagator } from './bridge-propagator.js';
import { countOldHeaders } from './legacy-header-counter.js';
import { responseId, type WriteId } from './response-id.js';
import { type BridgedRoots, createBridgedRoots } from './root-trace-ids.js';

/** Connects services that copy a trace header by hand with those that have moved. */
export interface LegacyBridge extends Part {
  readonly roots: BridgedRoots;
  /** Puts the bridge around the configured propagator. */
  wrap(propagator: TextMapPropagator): TextMapPropagator;
  /** Undefined if responses carry no id. */
  readonly writeId: WriteId | undefined;
  stop(): void;
}

/** Undefined if no old header is configured. */
export function createLegacyBridge(
  options: ResolvedOptions['legacyTraceHeader'],
  registry: Registry,
  logger: Logger,
): LegacyBridge | undefined {
  if (options === false || options.name === undefined) return undefined;
  const [first, ...others] = [options.name].flat();
  if (first === undefined) return undefined;
  const lowerNames = [first, ...others].map((name) => name.toLowerCase());
  const acceptUntilMillis =
    options.acceptUntil === undefined ? Number.POSITIVE_INFINITY : endOfAcceptance(options.acceptUntil);
  const whoIsLeft = countOldHeaders(registry, logger);

  return {
    roots: createBridgedRoots(),
    wrap: (propagator) =>
      bridgePropagator(
        propagator,
        {
          names: [first, ...others],
          send: options.send,
          acceptUntilMillis,
          sourceHeader: options.sourceHeader,
        },
        whoIsLeft,
      ),
    writeId: options.respond === false ? undefined : responseId(options.respond, first),
    stop:
      acceptUntilMillis === Number.POSITIVE_INFINITY
        ? () => {}
        : announceEnd(acceptUntilMillis, lowerNames.join(', '), logger),
  };
}
