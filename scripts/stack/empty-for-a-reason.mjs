/**
 * Queries of dashboards and rules that come back empty on a stack where all is as it should be, each with its reason:
 * `{ expr: '…', reason: 'no … without …' }`. There are none at present: the load makes something of everything.
 *
 * @type {readonly { readonly expr: string, readonly reason: string }[]}
 */
const mayBeEmpty = [];

/** @returns undefined if the query must return data */
export function reasonToBeEmpty({ expr }) {
  return mayBeEmpty.find((query) => query.expr === expr)?.reason;
}
