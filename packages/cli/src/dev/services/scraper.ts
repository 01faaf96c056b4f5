import { openMetricsContentType } from '@throughline/core/internal';
import { parseExposition } from '../../metrics/parse-exposition.js';
import type { Finding } from '../model/api.js';
import type { HistogramPoint } from '../model/telemetry.js';
import { diagnosisFindings } from './diagnosis.js';
import { scrapedHistograms } from './scraped-histograms.js';

const intervalMillis = 2_000;
const timeoutMillis = 5_000;
/** A diagnosis asks the libraries of a service, so it is not asked for all the time. */
const diagnosisIntervalMillis = 60_000;
/** A service loads libraries for some time after its first answer. */
const scrapesBeforeDiagnosis = 3;

/** A metrics endpoint that is read again and again. */
export interface ScrapeTarget {
  readonly url: string;
  /** Of series that have no label `service_name`. */
  readonly serviceName: string;
  /** The token of live control, for the diagnosis. */
  readonly controlToken: string | undefined;
  /** Whether its service was started by this command, so that everything it counts happened since. */
  readonly isStartedHere: boolean;
}

interface Watched {
  readonly target: ScrapeTarget;
  scrapeCount: number;
  /** Whether nothing listened at first, so that everything it counts happened since. */
  wasAbsent: boolean;
  nextDiagnosisMillis: number;
  findings: readonly Finding[];
}

/** Reads metrics endpoints every two seconds, and asks their services for a diagnosis every minute. */
export class Scraper {
  private readonly watched = new Map<string, Watched>();
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly parts: {
      /** Where services are to send their telemetry. */
      readonly endpoint: string;
      addHistogram(point: HistogramPoint, sinceStart: boolean): void;
      findingsChanged(): void;
    },
  ) {}

  watch(target: ScrapeTarget): void {
    if (this.watched.has(target.url)) return;
    const watched: Watched = {
      target,
      scrapeCount: 0,
      wasAbsent: false,
      nextDiagnosisMillis: 0,
      findings: [],
    };
    this.watched.set(target.url, watched);
    // At once: a service that has not started yet has all of its counts still before it.
    void this.scrape(watched);
    this.timer ??= setInterval(() => void this.scrapeAll(), intervalMillis).unref();
  }

  /** Its findings are no longer true when a service has ended. */
  forget(url: string): void {
    if (this.watched.delete(url)) this.parts.findingsChanged();
  }

  get findings(): Finding[] {
    return [...this.watched.values()].flatMap(({ findings }) => findings);
  }

  stop(): void {
    clearInterval(this.timer);
    this.stopping.abort();
  }

  /** Reads all endpoints once. */
  async scrapeAll(): Promise<void> {
    await Promise.all([...this.watched.values()].map((each) => this.scrape(each)));
  }

  private async scrape(watched: Watched): Promise<void> {
    const { url, serviceName, isStartedHere } = watched.target;
    try {
      const response = await fetch(url, {
        headers: { accept: `${openMetricsContentType}, text/plain;q=0.5` },
        signal: AbortSignal.any([this.stopping.signal, AbortSignal.timeout(timeoutMillis)]),
      });
      if (!response.ok) return;
      const metrics = parseExposition(await response.text());
      const scrape = { serviceName, instance: url, timeMillis: Date.now() };
      // A series that was not there in the last scrape began since.
      const sinceStart = isStartedHere || watched.wasAbsent || watched.scrapeCount > 0;
      for (const point of scrapedHistograms(metrics, scrape)) this.parts.addHistogram(point, sinceStart);
      watched.scrapeCount++;
    } catch {
      // The service is starting, restarting, or gone.
      watched.wasAbsent = true;
      return;
    }
    await this.diagnose(watched);
  }

  private async diagnose(watched: Watched): Promise<void> {
    const { target, scrapeCount } = watched;
    if (target.controlToken === undefined || scrapeCount < scrapesBeforeDiagnosis) return;
    if (Date.now() < watched.nextDiagnosisMillis) return;
    watched.nextDiagnosisMillis = Date.now() + diagnosisIntervalMillis;
    const findings = await diagnosisFindings(target.url, {
      ...{ token: target.controlToken, endpoint: this.parts.endpoint, signal: this.stopping.signal },
    });
    if (!findings || !this.watched.has(target.url)) return;
    const isChanged = JSON.stringify(findings) !== JSON.stringify(watched.findings);
    watched.findings = findings;
    if (isChanged) this.parts.findingsChanged();
  }
}
