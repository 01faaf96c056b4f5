import type { PluginContext } from '@throughline/core/plugin';
import type { TakenProfile } from '../profiler/time-profiler.js';
import { intakeHeaders } from '../send/intake-headers.js';
import { pushPath } from '../send/push-request.js';
import { sendToPyroscope } from './send-profiles.js';

export type SendTaken = (time: TakenProfile | undefined, heap: TakenProfile | undefined) => void;

/** Opens the way to the intake that the options name. */
export function openIntake({ options, identity, openExport }: PluginContext, endpoint: string): SendTaken {
  const { profiles } = options;
  const headers = { ...intakeHeaders(profiles), 'connect-protocol-version': '1' };
  const url = endpoint.replace(/\/+$/, '') + pushPath;
  return sendToPyroscope(profiles, identity, openExport({ url, headers, contentType: 'application/proto' }));
}
