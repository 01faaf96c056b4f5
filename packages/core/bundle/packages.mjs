/** What users import: files of src, as ES modules and CommonJS. */
export const publicEntries = ['index', 'plugin', 'register', 'testing', 'diagnosis'];

/**
 * Packages that users' package managers install together with core, and share with the service: state that must exist once in a
 * process (the OpenTelemetry API, metrics, loggers) is in these. Everything else that core uses is in its own files.
 */
const sharedPackages = ['@opentelemetry/api', 'prom-client', 'winston', 'winston-transport'];

/** Packages whose types appear in core's own, and that users do not have, with the files inside of them. */
export const bundledTypes = [/^@opentelemetry\/(?!api$)/, /^\.{1,2}\//];

export const isShared = (specifier) =>
  sharedPackages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
