/* The intake of measured-service.mjs in a process of its own, which sends `{ url }`. Run by latency.mjs. */
import { startIntake } from './measured-service.mjs';

process.on('disconnect', () => process.exit());
const { url } = await startIntake();
process.send({ url });
