import type { ResolvedOptions } from '@throughline/core/plugin';

type ProfileOptions = ResolvedOptions['profiles'];

/** Credentials and the tenant, as headers. A token has precedence over user and password. */
export function intakeHeaders({
  headers,
  token,
  user,
  password,
  tenant,
}: ProfileOptions): Record<string, string> {
  const all: Record<string, string> = { ...headers };
  if (token !== undefined) all.authorization = `Bearer ${token}`;
  else if (user !== undefined) {
    all.authorization = `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`;
  }
  if (tenant !== undefined) all['x-scope-orgid'] = tenant;
  return all;
}
