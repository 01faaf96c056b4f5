export {
  type CapturedObservability,
  type CaptureOptions,
  captureObservability,
  type LogLine,
} from './testing/capture.js';
export { checkPlugin, type PluginCheck } from './testing/check-plugin.js';
