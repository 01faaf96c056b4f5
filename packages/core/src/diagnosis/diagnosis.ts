import type { ContractRule } from '../contract/breaches.js';
import type { Signal } from '../model/signal.js';
import type { OptionSource } from '../options/resolve.js';
import type { DiagnosisFinding } from './findings.js';

/** Options of `observability.diagnose()`. All are optional. */
export interface DiagnoseOptions {
  /** Longest time for one answer from outside, in milliseconds. Default: 5,000. */
  readonly timeoutMillis?: number;
  /** Whether backends are contacted. With `false` nothing leaves the process. Default: true. */
  readonly contact?: boolean;
  /** Whether one test line is logged, which can then be searched for in the log backend. Default: false. */
  readonly testLine?: boolean;
}

/** `observability.diagnose()`. */
export type Diagnose = (options?: DiagnoseOptions) => Promise<Diagnosis>;

/** The result of `observability.diagnose()` and `throughline doctor --json`. Plain data; secrets are masked. */
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
  /** Absolute path of the config file that was read; undefined without one. */
  readonly configFile: string | undefined;
  /** The labels that every signal carries. */
  readonly identity: Readonly<Record<string, string>>;
  /** The plugins, with what each records. */
  readonly plugins: readonly DiagnosedPlugin[];
  /** Packages of Throughline, packages that must exist only once, and other agents: each copy that is loaded or installed. */
  readonly packages: readonly DiagnosedPackage[];
  /** Libraries that are loaded and can be recorded. */
  readonly libraries: readonly DiagnosedLibrary[];
  /** Every option with its value and its source. */
  readonly options: readonly DiagnosedOption[];
  /** The contract and its breaches; undefined without a contract. */
  readonly contract: DiagnosedContract | undefined;
  /** The OTLP endpoints in use, and how each answered test data. */
  readonly backends: readonly DiagnosedBackend[];
  /** The metrics endpoint; undefined if the service has none. */
  readonly scrape: DiagnosedScrape | undefined;
  /** What happened to telemetry since the start: counts by result. */
  readonly sent: Readonly<Record<'spans' | 'logRecords', Readonly<Record<string, number>>>>;
  /** The trace id of the test span, and of the test line. */
  readonly testTraceId: string | undefined;
  /** Worst first. */
  readonly findings: readonly DiagnosisFinding[];
}

/** A plugin of the service. */
export interface DiagnosedPlugin {
  /** Its name, for example `express`. */
  readonly name: string;
  /** False while live control has switched it off. */
  readonly on: boolean;
  /** The packages that it records, with the versions that it supports. */
  readonly records: readonly { readonly name: string; readonly versions: readonly string[] }[];
}

/** A package with all of its copies. */
export interface DiagnosedPackage {
  /** Its name, for example `prom-client`. */
  readonly name: string;
  /** Each copy that is loaded or installed. */
  readonly copies: readonly {
    readonly version: string | undefined;
    readonly folder: string;
    /** Whether it is in Node's cache of CommonJS modules. Node does not say which ES modules are loaded. */
    readonly isLoaded: boolean;
  }[];
}

/** A library that is loaded and can be recorded. */
export interface DiagnosedLibrary {
  /** The name of its package or module. */
  readonly name: string;
  /** Its version; undefined for modules of Node. */
  readonly version: string | undefined;
  /** Undefined for modules of Node, and for a module that was passed to the plugin. */
  readonly folder: string | undefined;
  /** Whether its calls are recorded. */
  readonly isRecorded: boolean;
  /** The plugins or instrumentations that record it, or could record it. */
  readonly by: readonly string[];
  /** Why it is not recorded; undefined if it is. */
  readonly reason: string | undefined;
}

/** An option with its value and its source. */
export interface DiagnosedOption {
  /** Full name, for example `traces.endpoint`. */
  readonly name: string;
  /** Plain data. A secret is replaced by `REDACTED`. */
  readonly value: unknown;
  /** Where the value came from. */
  readonly source: OptionSource | 'package.json' | 'resource attributes';
}

/** The contract of the service. */
export interface DiagnosedContract {
  /** Its mode. */
  readonly mode: 'warn' | 'error';
  /** Where the service breaks it. */
  readonly breaches: readonly {
    readonly rule: ContractRule;
    readonly subject: string;
    readonly message: string;
  }[];
}

/** An OTLP endpoint, and how it answered test data. */
export interface DiagnosedBackend {
  /** What is sent to it. */
  readonly signal: Signal;
  /** Its URL. */
  readonly endpoint: string;
  /** Whether the endpoint accepted test data; undefined if nothing was sent. */
  readonly isTaken: boolean | undefined;
  /** Status of the HTTP response. */
  readonly status: number | undefined;
  /** How long the answer took, in milliseconds. */
  readonly durationMillis: number | undefined;
  /** How far the clock of the backend is ahead of this machine's clock, accurate to about a second. */
  readonly clockSkewMillis: number | undefined;
}

/** A scrape of the metrics endpoint. */
export interface DiagnosedScrape {
  /** The URL of the endpoint. */
  readonly url: string;
  /** Status of the HTTP response; undefined without an answer. */
  readonly status: number | undefined;
  /** How long the answer took, in milliseconds. */
  readonly durationMillis: number | undefined;
  /** Number of series in the response. */
  readonly series: number | undefined;
}
