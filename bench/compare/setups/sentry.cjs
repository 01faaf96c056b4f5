/* Sentry as https://docs.sentry.io/platforms/javascript/guides/express/ says. */
const Sentry = require('@sentry/node');

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  tracesSampleRate: Number(process.env.SENTRY_TRACES_SAMPLE_RATE),
});
globalThis.benchSetup = { afterRoutes: (app) => Sentry.setupExpressErrorHandler(app) };
