export { type CapturedObservability, type CaptureOptions, captureObservability } from './testing/capture.js';
export { checkPlugin, type PluginCheck } from './testing/check-plugin.js';
