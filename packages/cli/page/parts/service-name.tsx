import { serviceColour } from '../state/service-colours.js';

/** The name of a service with its colour. */
export function ServiceName({ name }: { name: string }) {
  return (
    <span class={`service ${serviceColour(name)}`} title={name}>
      {name}
    </span>
  );
}
