/* The load: wrk where it is installed, otherwise autocannon. Both give requests per second and the 99th percentile. */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installAutocannon } from './peers.mjs';

/**
 * @param pinned puts a command onto the cores that are not the service's
 * @returns the name of the program with its version, and `run`
 */
export async function createLoad({ connections, pinned, folder }) {
  const wrk = spawnSync('wrk', ['-v'], { encoding: 'utf8' });
  if (!wrk.error) {
    const version = /wrk \S+/.exec(`${wrk.stdout}${wrk.stderr}`)?.[0] ?? 'wrk';
    return {
      name: version.replace('debian/', ''),
      async run({ port, paths, seconds }) {
        const script = join(folder, 'paths.lua');
        writeFileSync(script, lua(paths));
        const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script];
        const output = await outputOf(pinned(['wrk', ...args, `http://127.0.0.1:${port}`]));
        const failed = /Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1];
        return {
          requests: Number(/(\d+) requests in/.exec(output)[1]),
          failed: Number(failed ?? 0),
          p99Millis: inMillis(/99%\s+([\d.]+)(us|ms|s)/.exec(output)),
        };
      },
    };
  }
  const autocannon = await installAutocannon();
  return {
    name: 'autocannon',
    async run({ port, paths, seconds }) {
      const script = join(folder, 'autocannon.cjs');
      writeFileSync(
        script,
        `const autocannon = require(${JSON.stringify(autocannon)});
        const options = ${JSON.stringify({ url: `http://127.0.0.1:${port}`, connections, duration: seconds })};
        autocannon({ ...options, requests: ${JSON.stringify(paths)}.map((path) => ({ path })) }, (_error, result) =>
          console.log(JSON.stringify(result)));`,
      );
      const result = JSON.parse(await outputOf(pinned([process.execPath, script])));
      return {
        requests: result.requests.total,
        failed: result.non2xx + result.errors,
        p99Millis: result.latency.p99,
      };
    },
  };
}

function lua(paths) {
  return `local paths = { ${paths.map((path) => JSON.stringify(path)).join(', ')} }
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
`;
}

function inMillis([, value, unit]) {
  return Number(value) * { us: 0.001, ms: 1, s: 1_000 }[unit];
}

function outputOf([command, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${command} ended with exit code ${code}`)),
    );
  });
}
