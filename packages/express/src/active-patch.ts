import type { PluginContext } from '@throughline/core/plugin';

/** What the patched methods share. */
export interface ActivePatch {
  readonly http: PluginContext['http'];
  /** Called when a request comes to Express, before any handler of it runs. */
  readonly onRequest: (() => void) | undefined;
  /** False once the patch is taken back, for a method that somebody else has wrapped and still calls. */
  active: boolean;
}
