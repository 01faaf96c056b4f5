/* Throughline as its README says: one call, and the logger of it. */
const { initObservability, logger } = require('@throughline/core');
const { dbPlugin } = require('@throughline/db');
const { expressPlugin } = require('@throughline/express');
const { kafkaPlugin } = require('@throughline/kafka');

initObservability({
  serviceName: 'bench',
  team: 'bench',
  metrics: { endpoint: { port: 0 } },
  logs: { format: 'json' },
  plugins: [expressPlugin(), kafkaPlugin(), dbPlugin()],
});
globalThis.benchSetup = { logger };
