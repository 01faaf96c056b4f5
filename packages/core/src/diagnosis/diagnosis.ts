import type { ContractRule } from '../contract/breaches.js';
import type { OptionSource } from '../options/resolve.js';
import type { DiagnosisFinding } from './findings.js';

/** How `observability.diagnose()` looks; all optional. */
export interface DiagnoseOptions {
  /** Longest time for one answer from outside, in milliseconds. Default: 5,000. */
  readonly timeoutMillis?: number;
  /** `false` sends nothing, and asks nobody outside of the process. Default: true. */
  readonly contact?: boolean;
  /** Writes one log line, so that it can be looked for where lines are collected. Default: false. */
  readonly testLine?: boolean;
}

/** `observability.diagnose()`. */
export type Diagnose = (options?: DiagnoseOptions) => Promise<Diagnosis>;

/** What `observability.diagnose()` and `throughline doctor --json` tell. Plain data; secrets are masked. */
export interface Diagnosis {
  /** Whether there is no finding of level `error`. */
  readonly ok: boolean;
  /** ISO 8601. */
  readonly takenAt: string;
  /** The version of Throughline, and whether it is on: `off` by the option `enabled`, `not started` before `initObservability`. */
  readonly throughline: {
    readonly version: string;
    readonly state: 'on' | 'off' | 'not started';
    /** Versions of the OpenTelemetry packages that core's files contain, by name. */
    readonly bundled: Readonly<Record<string, string>>;
  };
  /** The process. */
  readonly node: {
    /** For example `22.21.0`. */
    readonly version: string;
    readonly platform: string;
    readonly pid: number;
    /** The file that the process was started with. */
    readonly script: string | undefined;
  };
  /** The labels that every signal carries. */
  readonly identity: Readonly<Record<string, string>>;
  /** The plugins, with what each records. */
  readonly plugins: readonly DiagnosedPlugin[];
  /** Throughline, what must exist once, and other agents: each copy that is loaded or installed. */
  readonly packages: readonly DiagnosedPackage[];
  /** Libraries that are loaded and can be recorded. */
  readonly libraries: readonly DiagnosedLibrary[];
  /** Every option with its value and its source. */
  readonly options: readonly DiagnosedOption[];
  /** The contract and its breaches; undefined without a contract. */
  readonly contract: DiagnosedContract | undefined;
  /** The OTLP endpoints in use, and how each took test data. */
  readonly backends: readonly DiagnosedBackend[];
  /** The metrics endpoint; undefined if the service has none. */
  readonly scrape: DiagnosedScrape | undefined;
  /** What became of telemetry since the start. */
  readonly sent: Readonly<Record<'spans' | 'logRecords', Readonly<Record<string, number>>>>;
  /** The trace id of the test span, and of the test line. */
  readonly testTraceId: string | undefined;
  /** Worst first. */
  readonly findings: readonly DiagnosisFinding[];
}

export interface DiagnosedPlugin {
  readonly name: string;
  /** False while live control has switched it off. */
  readonly on: boolean;
  /** The packages that it records, with the versions that it supports. */
  readonly records: readonly { readonly name: string; readonly versions: readonly string[] }[];
}

export interface DiagnosedPackage {
  readonly name: string;
  readonly copies: readonly {
    readonly version: string | undefined;
    readonly folder: string;
    /** Whether it is in Node's cache of CommonJS modules. Node does not say which ES modules are loaded. */
    readonly isLoaded: boolean;
  }[];
}

export interface DiagnosedLibrary {
  readonly name: string;
  readonly version: string | undefined;
  /** Undefined for modules of Node, and for a module that was passed to the plugin. */
  readonly folder: string | undefined;
  readonly isRecorded: boolean;
  /** The plugins or instrumentations that record it, or could record it. */
  readonly by: readonly string[];
  /** Why it is not recorded. */
  readonly reason: string | undefined;
}

export interface DiagnosedOption {
  /** Full name, for example `traces.endpoint`. */
  readonly name: string;
  /** Plain data. A secret is replaced by `REDACTED`. */
  readonly value: unknown;
  readonly source: OptionSource | 'package.json' | 'resource attributes';
}

export interface DiagnosedContract {
  readonly mode: 'warn' | 'error';
  readonly breaches: readonly {
    readonly rule: ContractRule;
    readonly subject: string;
    readonly message: string;
  }[];
}

export interface DiagnosedBackend {
  readonly signal: 'traces' | 'logs' | 'metrics';
  readonly endpoint: string;
  /** Whether the endpoint accepted test data; undefined if nothing was sent. */
  readonly isTaken: boolean | undefined;
  /** Status of the HTTP response. */
  readonly status: number | undefined;
  readonly durationMillis: number | undefined;
  /** How far the clock of the backend is ahead of this machine's clock, accurate to about a second. */
  readonly clockSkewMillis: number | undefined;
}

export interface DiagnosedScrape {
  readonly url: string;
  readonly status: number | undefined;
  readonly durationMillis: number | undefined;
  /** Number of series in the response. */
  readonly series: number | undefined;
}
