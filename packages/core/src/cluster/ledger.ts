import { readFile, rename, writeFile } from 'node:fs/promises';
import type { MetricSnapshot } from '../instruments/metric-snapshot.js';
import { startPace } from '../timing/pace.js';
import { readLines } from './metric-lines.js';
import { MergedMetrics, type MergeSettings } from './metric-merge.js';
import type { SharedMetric } from './shared-metric.js';

/** One process or thread, as the leader knows it. */
export interface LedgerEntry {
  readonly id: string;
  readonly pid: number;
  worker: string;
  /** The metrics that it handed over last, as lines. */
  lines: readonly string[];
  /** Whether the lines are the answer to the scrape that is being answered. */
  isCurrent: boolean;
  /** When its connection ended, as `performance.now()` tells; undefined for one that is there. */
  goneSinceMillis: number | undefined;
  /** Whether it has delivered its last totals. Earlier messages of it are then ignored. */
  hasLeft: boolean;
  /** Whether an earlier leader knew it, and it has not come to this one yet. */
  isExpected: boolean;
}

export interface LedgerSettings extends MergeSettings {
  readonly maxSeriesPerMetric: number;
  readonly overflowed: (metric: string) => void;
}

/** Who is gone this long does not come back: its totals are put with those of the others that are gone. */
const comesBackMillis = 60_000;
/** Of more that are gone, the first ones are put together earlier: a crash loop must not fill the memory. */
const maxGone = 100;
const maxKeptIds = 1_000;

/**
 * The books of a leader: what every process of the group has counted, and what those had that are gone. The next
 * leader reads them from a file, so that no total falls when the one that answered is killed.
 */
export class Ledger {
  private readonly entries = new Map<string, LedgerEntry>();
  private kept: MergedMetrics;
  /** Whose totals are in `kept`. */
  private keptIds: string[] = [];
  private keptText: string | undefined;

  constructor(private readonly settings: LedgerSettings) {
    this.kept = new MergedMetrics(settings);
  }

  all(): Iterable<LedgerEntry> {
    return this.entries.values();
  }

  get(id: string): LedgerEntry | undefined {
    return this.entries.get(id);
  }

  add(id: string, pid: number, worker: string): LedgerEntry {
    const entry: LedgerEntry = {
      id,
      pid,
      worker,
      lines: [],
      isCurrent: false,
      goneSinceMillis: undefined,
      hasLeft: false,
      isExpected: false,
    };
    this.entries.set(id, entry);
    return entry;
  }

  /** Whether the totals of this one are with those of the others that are gone. */
  hasKept(id: string): boolean {
    return this.keptIds.includes(id);
  }

  /**
   * Takes the totals that a process has left at its end, as leave-counts.ts writes them. Metrics that it could not read any more are what they were.
   *
   * @param newWorker the label of a process that is new in the group
   */
  takeLeft(text: string, newWorker: () => string, nowMillis = performance.now()): void {
    const [head = '', ...lines] = text.split('\n');
    const { id, pid } = JSON.parse(head) as Pick<LedgerEntry, 'id' | 'pid'>;
    if (this.hasKept(id)) return;
    const entry = this.entries.get(id) ?? this.add(id, pid, newWorker());
    const names = new Set(lines.map(nameOf));
    entry.lines = [...lines, ...entry.lines.filter((line) => !names.has(nameOf(line)))];
    entry.goneSinceMillis ??= nowMillis;
    entry.hasLeft = true;
  }

  /** Puts the totals of those that do not come back together. */
  async settle(nowMillis = performance.now()): Promise<void> {
    const gone = [...this.entries.values()].filter(({ goneSinceMillis }) => goneSinceMillis !== undefined);
    const tooMany = gone.length - maxGone;
    for (const [index, entry] of gone.entries()) {
      if (index >= tooMany && nowMillis - (entry.goneSinceMillis ?? nowMillis) < comesBackMillis) continue;
      const { maxSeriesPerMetric, overflowed } = this.settings;
      for await (const metric of readLines(entry.lines))
        this.kept.keepTotals(metric, maxSeriesPerMetric, overflowed);
      this.entries.delete(entry.id);
      this.keptIds = [...this.keptIds, entry.id].slice(-maxKeptIds);
      this.keptText = undefined;
    }
  }

  /** Whether there has never been anybody but one. */
  get isOfOne(): boolean {
    return this.entries.size <= 1 && this.keptIds.length === 0;
  }

  /** Everything as it is now: what is answered and what is left to the next leader must not differ. */
  copy(): readonly LedgerEntry[] {
    return Array.from(this.entries.values(), (entry) => ({ ...entry }));
  }

  /** The metrics of all as one. Those that are gone, or have not answered, count with what they had. */
  async merged(entries: readonly LedgerEntry[]): Promise<MetricSnapshot[]> {
    const pace = startPace();
    const merged = new MergedMetrics(this.settings);
    const spoken = new Set<number>();
    for (const entry of [...entries].sort((a, b) => Number(a.worker) - Number(b.worker))) {
      const source = { ...entry, speaksForProcess: entry.isCurrent && !spoken.has(entry.pid) };
      if (entry.isCurrent) spoken.add(entry.pid);
      for await (const metric of readLines(entry.lines)) merged.add(metric, source);
    }
    for (const metric of this.kept.shared()) {
      merged.add(metric, { worker: '', isCurrent: false, speaksForProcess: false });
      if (pace.isDue()) await pace.giveWay();
    }
    return await merged.snapshots();
  }

  /** Writes it all down for the next leader. A reader finds the old text or the new one, never half of one. */
  async save(file: string, entries: readonly LedgerEntry[]): Promise<void> {
    this.keptText ??= await keptText(this.kept);
    let text = `${JSON.stringify({ keptIds: this.keptIds })}\n${this.keptText}`;
    for (const { id, pid, worker, lines } of entries) {
      text += `${JSON.stringify({ id, pid, worker })}\n${linesText(lines)}`;
    }
    const unfinished = `${file}.new`;
    // In one piece: on a busy machine each step waits for its turn, and the scrape waits for all of them.
    await writeFile(unfinished, text + endOfState, { mode: 0o600 });
    await rename(unfinished, file);
  }

  /**
   * Takes over what the last leader wrote, if there was one: everybody in it is taken for gone until it comes.
   *
   * @throws if the file cannot be read, or is incomplete
   */
  async load(file: string, nowMillis = performance.now()): Promise<void> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    if (!text.endsWith(endOfState)) throw new Error('it is not whole');
    const pace = startPace();
    const kept = new MergedMetrics(this.settings);
    const found: LedgerEntry[] = [];
    let keptIds: string[] = [];
    for (const line of text.split('\n')) {
      if (pace.isDue()) await pace.giveWay();
      if (line.startsWith(lineMark)) {
        const metric = line.slice(lineMark.length);
        const entry = found.at(-1);
        if (entry) (entry.lines as string[]).push(metric);
        else kept.keepTotals(JSON.parse(metric) as SharedMetric, Number.POSITIVE_INFINITY, () => {});
      } else if (line !== '' && line !== endOfState.trim()) {
        const head = JSON.parse(line) as Pick<LedgerEntry, 'id' | 'pid' | 'worker'> & { keptIds?: string[] };
        if (head.keptIds) keptIds = head.keptIds;
        else
          found.push({
            ...head,
            lines: [],
            isCurrent: false,
            goneSinceMillis: nowMillis,
            hasLeft: false,
            isExpected: true,
          });
      }
    }
    this.kept = kept;
    this.keptIds = keptIds;
    this.keptText = undefined;
    for (const entry of found) if (!this.entries.has(entry.id)) this.entries.set(entry.id, entry);
  }
}

const nameOf = (line: string) => (JSON.parse(line) as SharedMetric).name;

const lineMark = 'M';
const endOfState = 'end\n';

function linesText(lines: Iterable<string>): string {
  let text = '';
  for (const line of lines) text += `${lineMark}${line}\n`;
  return text;
}

async function keptText(kept: MergedMetrics): Promise<string> {
  const pace = startPace();
  let text = '';
  for (const metric of kept.shared()) {
    text += `${lineMark}${JSON.stringify(metric)}\n`;
    if (pace.isDue()) await pace.giveWay();
  }
  return text;
}
