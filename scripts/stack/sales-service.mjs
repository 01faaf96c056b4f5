/** What the services that `stack:verify` starts beside the shop have in common. */
export const salesService = {
  serviceNamespace: 'sales',
  serviceVersion: '1.0.0',
  environment: 'production',
  team: 'checkout',
  logs: { destinations: ['stdout', 'otlp'] },
};
