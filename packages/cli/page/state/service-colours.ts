const colourCount = 8;
const numbers = new Map<string, number>();

/** The class that gives a service its colour. Services get colours in the order in which they are first shown. */
export function serviceColour(serviceName: string): string {
  const number = numbers.get(serviceName) ?? numbers.size;
  numbers.set(serviceName, number);
  return `colour-${number % colourCount}`;
}
