import type { MessagingOperations } from '@throughline/core/plugin';

/** What every patch needs. */
export interface Observation {
  readonly messaging: MessagingOperations;
  /** What processing a job is to the code that added it. */
  readonly relation: 'child' | 'link';
  /** False once the plugin is shut down. */
  readonly isActive: () => boolean;
}

/**
 * `messaging.system`. The semantic conventions have no value for BullMQ, and ask for a name of its own then:
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/messaging/
 */
export const system = 'bullmq';
