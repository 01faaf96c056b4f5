import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { databases } from './databases.js';
import { environments } from './environments.js';
import { jobs } from './jobs.js';
import { logs } from './logs.js';
import { messaging } from './messaging.js';
import { objectives } from './objectives.js';
import { runbooks } from './runbooks.js';
import { runtime } from './runtime.js';
import { serviceOverview } from './service.js';
import { services } from './services.js';
import { telemetry } from './telemetry.js';

/** Dashboards by the name of their file. */
export function dashboards(runbookPage: string): Readonly<Record<string, DashboardBuilder>> {
  return {
    services,
    service: serviceOverview,
    environments,
    messaging,
    databases,
    jobs,
    node: runtime,
    logs,
    slo: objectives,
    sdk: telemetry,
    runbooks: runbooks(runbookPage),
  };
}
