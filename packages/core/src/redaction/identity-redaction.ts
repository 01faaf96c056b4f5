import type { Identity } from '../model/identity.js';
import { redactAttribute } from './attribute-redaction.js';

/** The identity without secrets in its resource attributes: they are on all exported data, and in every scrape. */
export function redactIdentity(identity: Identity): Identity {
  const resourceAttributes = Object.fromEntries(
    Object.entries(identity.resourceAttributes).map(([name, value]) => [
      name,
      String(redactAttribute(name, value)),
    ]),
  );
  return { ...identity, resourceAttributes };
}
