import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * How many random inputs a property gets: few in `npm test`, and `FUZZ_FACTOR` times as many with `npm run test:fuzz`.
 *
 * @param usual number of runs in `npm test`
 */
export function fuzzRuns(usual: number): { readonly numRuns: number } {
  return { numRuns: Math.round(usual * Number(process.env.FUZZ_FACTOR ?? 1)) };
}

/** A sample as the parser of OpenMetrics reads it. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | null;
  readonly exemplar: Readonly<Record<string, string>> | null;
}

/** The first is Debian's, for which its packages are. */
const pythons = ['/usr/bin/python3', 'python3'].filter((path) => !path.startsWith('/') || existsSync(path));

const program = `
import json, math, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
def plain(value):
    return None if math.isnan(value) or math.isinf(value) else value
for line in sys.stdin:
    try:
        print(json.dumps([
            {'name': s.name, 'labels': s.labels, 'value': plain(s.value), 'exemplar': s.exemplar.labels if s.exemplar else None}
            for family in text_string_to_metric_families(json.loads(line)) for s in family.samples
        ]))
    except Exception as error:
        print(json.dumps(repr(error)))
`;

/**
 * Reads expositions with the parser of OpenMetrics in Prometheus' client for Python, which is the reference: a list of
 * samples for each text, or what the parser complains about. Undefined where it is not installed, which fails in CI.
 */
export function parseOpenMetrics(
  texts: readonly string[],
): readonly (readonly ParsedSample[] | string)[] | undefined {
  const input = `${texts.map((text) => JSON.stringify(text)).join('\n')}\n`;
  for (const python of pythons) {
    const { status, stdout, stderr } = spawnSync(python, ['-c', program], {
      input,
      encoding: 'utf8',
      maxBuffer: 1e9,
    });
    if (status === 0)
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    if (!/No module named/.test(stderr)) throw new Error(stderr);
  }
  const notice =
    'The parser of OpenMetrics is off: install python3-prometheus-client, or `pip install prometheus-client`.';
  if (process.env.CI) throw new Error(notice);
  console.log(notice);
  return undefined;
}
