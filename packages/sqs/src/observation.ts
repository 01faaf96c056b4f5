import type { MessagingOperations } from '@throughline/core/plugin';

/** What every patch needs. */
export interface Observation {
  readonly messaging: MessagingOperations;
  /** What processing a message is to its producer. */
  readonly relation: 'child' | 'link';
  /** Says once that messages had no room for the trace. */
  readonly warnNoRoom: (queue: string, count: number) => void;
  /** False once the plugin is shut down. */
  readonly isActive: () => boolean;
}

export type Recording = Omit<Observation, 'isActive'>;

/** By the semantic conventions: https://opentelemetry.io/docs/specs/semconv/messaging/sqs/ */
export const system = 'aws_sqs';

export function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
