import { defineContract } from '@throughline/core';

export const teams = /** @type {const} */ (['checkout', 'catalogue', 'platform']);
export const environments = /** @type {const} */ (['production', 'staging', 'development']);

export const contract = defineContract({
  mode: 'error',
  identity: {
    team: { required: true, values: teams },
    environment: { required: true, values: environments },
    serviceNamespace: { required: true, values: ['shop'] },
  },
  labels: { forbidden: ['user_id', 'customer_id', 'order_id', 'session_id', 'email'] },
  metrics: { naming: true },
});

/** The options that every service of Acme passes to initObservability, in addition to its name and its plugins. */
export function acmeOptions({ team }) {
  return { team, serviceNamespace: 'shop', contract };
}
