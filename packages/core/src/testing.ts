export type { Environment } from './model/environment.js';
export {
  type CapturedObservability,
  type CaptureOptions,
  captureObservability,
  type LogLine,
} from './testing/capture.js';
export { checkPlugin, type PluginCheck } from './testing/check-plugin.js';
export type { RunTest } from './testing/run-test.js';
export { testDatabaseClient } from './testing/test-database-client.js';
export {
  type ServedFramework,
  type TestedHandlers,
  type TestedHttpFramework,
  testHttpFramework,
} from './testing/test-http-framework.js';
export {
  type TestedConsumer,
  type TestedMessage,
  type TestedMessagingClient,
  type TestedProducer,
  testMessagingClient,
} from './testing/test-messaging-client.js';
export type {
  TestedDatabaseClient,
  TestedDatabaseConnection,
  TestedDatabasePool,
} from './testing/tested-database-client.js';
