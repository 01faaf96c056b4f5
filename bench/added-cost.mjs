/* What observing adds to an operation that child processes run, each with another variant. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median } from './measured-service.mjs';

/** Starts a file of this folder once for each variant. It says when it is ready. */
export async function startClients(file, variants, env) {
  const clients = [];
  for (const variant of variants) {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), [variant], {
      env: { ...process.env, ...env },
    });
    clients.push({ variant, child });
    await once(child, 'message');
  }
  return clients;
}

/**
 * Runs each operation so often in interleaved rounds, of which the first warms up, and prints the CPU time of one, and
 * what it is more than that of the variant `none`.
 */
export async function compareAdded(clients, operations, { rounds, count, nameWidth }) {
  for (const operation of operations) {
    const micros = Object.fromEntries(clients.map(({ variant }) => [variant, []]));
    for (let round = -1; round < rounds; round++) {
      for (let i = 0; i < clients.length; i++) {
        const { variant, child } = clients[(i + round + clients.length) % clients.length];
        child.send({ operation, count });
        const [value] = await once(child, 'message');
        if (round >= 0) micros[variant].push(value);
      }
    }
    for (const { variant } of clients) {
      const added = micros[variant].map((value, round) => value - micros.none[round]);
      console.log(
        `${operation.padEnd(nameWidth)} ${variant.padEnd(12)} ${median(micros[variant]).toFixed(1).padStart(6)} µs   +${median(added).toFixed(1)} µs   least ${Math.min(...micros[variant]).toFixed(1)} µs`,
      );
    }
  }
}
