export {
  type CapturedObservability,
  type CaptureOptions,
  captureObservability,
  type LogLine,
} from './testing/capture.js';
export { checkPlugin, type PluginCheck } from './testing/check-plugin.js';
export type { RunTest } from './testing/run-test.js';
export {
  type TestedDatabaseClient,
  type TestedDatabaseConnection,
  type TestedDatabasePool,
  testDatabaseClient,
} from './testing/test-database-client.js';
export {
  type TestedConsumer,
  type TestedMessage,
  type TestedMessagingClient,
  type TestedProducer,
  testMessagingClient,
} from './testing/test-messaging-client.js';
