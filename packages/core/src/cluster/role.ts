import type { ControlChange } from '../control/control-handler.js';
import type { MetricSnapshot } from '../instruments/metric-snapshot.js';
import type { HealthKind, HealthReport } from '../lifecycle/health.js';
import type { CollectMetrics } from '../metrics/collect.js';
import type { ClusterFailure } from '../metrics/sdk-health.js';
import type { ObservabilityError } from '../model/errors.js';
import type { LedgerSettings } from './ledger.js';
import type { LiveChanges } from './live-changes.js';
import type { ProcessGroup } from './process-group.js';

/** What a process does in its group: lead it, or be a member. */
export interface Role {
  readonly isLeader: boolean;
  /** The metrics of the whole group; undefined if its leader has ended in the meantime. */
  collect(timeoutMillis?: number): Promise<readonly MetricSnapshot[] | undefined>;
  /** The health of the whole group. */
  health(kind: HealthKind): Promise<HealthReport>;
  /** Sends a change that was made here to the other processes. */
  tell(change: ControlChange): void;
  /** Leaves what this process has counted to the group: it may be about to end. @returns whether it was taken */
  flush(): Promise<boolean>;
  /** Leaves the group. */
  stop(): Promise<void>;
}

/** What a role needs of the process that it is played in. */
export interface RoleContext {
  readonly group: ProcessGroup;
  /** The metrics of this process alone, as lines. */
  lines(timeoutMillis?: number): AsyncIterable<string>;
  /** The metrics of this process alone. */
  readonly collect: CollectMetrics;
  /** The health of this process alone. */
  health(kind: HealthKind): Promise<HealthReport>;
  /** Another process was told of a change. */
  heard(change: ControlChange): void;
  /** What was changed while the service runs. */
  readonly changes: LiveChanges;
  readonly holdsPort: () => boolean;
  readonly settings: LedgerSettings;
  readonly complain: ClusterComplaint;
}

/** Counts a failure, and logs it unless it was already logged. */
export type ClusterComplaint = (reason: ClusterFailure, error: () => ObservabilityError) => void;
