import { signal } from '@preact/signals';
import type { ChangeEvent, StatusAnswer } from '../../src/dev/model/api.js';
import { getJson } from './api.js';
import { serviceColour } from './service-colours.js';

/** The latest numbers of what has changed; undefined until the server has answered. */
export const changes = signal<ChangeEvent | undefined>(undefined);
export const status = signal<StatusAnswer | undefined>(undefined);
/** False while the command cannot be reached. */
export const isConnected = signal(true);
/** While it is on, what is shown stays as it is. */
export const isPaused = signal(false);

/** Listens for changes for as long as the page is open. The browser connects again by itself. */
export function followChanges(): void {
  const events = new EventSource('api/events');
  events.onmessage = ({ data }) => {
    const next: ChangeEvent = JSON.parse(data);
    isConnected.value = true;
    changes.value = next;
  };
  events.onerror = () => {
    isConnected.value = false;
  };
}

export async function refreshStatus(): Promise<void> {
  try {
    const next = await getJson<StatusAnswer>('status');
    // In the order of the server, so that a service has the same colour in each view and after a reload.
    for (const { name } of next.services) serviceColour(name);
    status.value = next;
  } catch {
    // The event stream notices that the command is gone.
  }
}
