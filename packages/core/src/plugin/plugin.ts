import type { Tracer } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { Registry } from 'prom-client';
import type { Logger } from 'winston';
import type { ObservabilityError } from '../model/errors.js';
import type { Identity } from '../model/identity.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { ControlPath } from './control.js';
import type { DatabaseOperations } from './databases.js';
import type { PluginExport, PluginExportOptions } from './exports.js';
import type { HttpRequests } from './http.js';
import type { MessagingOperations } from './messaging.js';
import type { LoadedModules, ModulePatch } from './modules.js';
import type { WorkInProgress } from './work.js';

/**
 * Adds support for one framework, broker or database.
 *
 * @example
 * const natsPlugin = (): ObservabilityPlugin => ({
 *   name: 'nats',
 *   setup(context) {
 *     context.instrument(new NatsInstrumentation());
 *   },
 * });
 */
export interface ObservabilityPlugin {
  /** Short and lower-case, for example `express`. The log line at start shows it. */
  readonly name: string;
  /**
   * Called by `initObservability`, and again when the plugin is switched on after it was switched off. What it throws is logged with `OBS_PLUGIN_SETUP_FAILED`; the other
   * plugins go on.
   *
   * @returns a function that undoes everything that `setup` did other than through the context; `shutdown` calls it
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a setup that returns nothing is the usual one
  setup(context: PluginContext): void | (() => void);
}

/** What a plugin can use. Valid until `shutdown`. */
export interface PluginContext {
  /** Tracer named after the plugin. */
  readonly tracer: Tracer;
  /** The identity of the service: its name, version, environment and other labels. */
  readonly identity: Identity;
  /** The options of the instance, with all defaults. */
  readonly options: ResolvedOptions;
  /** Logger of the service; lines carry `plugin: <name>`. */
  readonly logger: Logger;
  /** The prom-client registry for metrics of the plugin; it is part of every scrape. */
  readonly metrics: { readonly registry: Registry };
  /** Adds to the span and metric of an HTTP request. */
  readonly http: HttpRequests;
  /** Records database operations and pools. */
  readonly databases: DatabaseOperations;
  /** Records sending, receiving and processing of messages. */
  readonly messaging: MessagingOperations;
  /** The request, message or job that code runs for. */
  readonly work: WorkInProgress;
  /** Reports a problem as one warning with its code; `diagnose()` shows it too. */
  report(error: ObservabilityError): void;
  /** Adds a path to live control. Ends with the plugin. */
  answerControl(path: ControlPath): void;
  /** Opens a way to a backend. Ends with the instance, after the plugin, so that the plugin can still send its last data. */
  openExport(options: PluginExportOptions): PluginExport;
  /**
   * Applies a stock OpenTelemetry instrumentation to the modules that it names, whether they are already loaded
   * or are loaded later. `shutdown` removes it.
   *
   * @param modules the modules themselves, by name, for bundled services, in which the module cache is empty
   */
  instrument(instrumentation: Instrumentation, modules?: LoadedModules): void;
  /**
   * Applies a patch to every loaded copy of a module, and to copies that are loaded later.
   *
   * @param modules the modules themselves, by name, for bundled services
   */
  patchModule(patch: ModulePatch, modules?: LoadedModules): void;
}
