import type { PluginContext } from '@throughline/core/plugin';
import { intakeHeaders } from '../send/intake-headers.js';
import { otlpProfilesPath } from '../send/otlp-request.js';
import { pushPath } from '../send/push-request.js';
import { otlpWriter, pushWriter, type SendTaken, sendProfiles } from './send-profiles.js';

/** Opens the way to the intake that the options name. */
export function openIntake(
  { options, identity, openExport }: PluginContext,
  endpoint: string,
  beforeFlush: () => void,
): SendTaken {
  const { profiles } = options;
  const headers = intakeHeaders(profiles);
  if (profiles.protocol === 'otlp') {
    const url = new URL(endpoint);
    if (url.pathname === '/') url.pathname = otlpProfilesPath;
    const intake = openExport({ url: url.href, headers, contentType: 'application/x-protobuf', beforeFlush });
    return sendProfiles(profiles.types, otlpWriter(identity), intake);
  }
  const intake = openExport({
    url: endpoint.replace(/\/+$/, '') + pushPath,
    headers: { ...headers, 'connect-protocol-version': '1' },
    contentType: 'application/proto',
    beforeFlush,
  });
  return sendProfiles(profiles.types, pushWriter(profiles, identity), intake);
}
