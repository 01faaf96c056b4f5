/** Nothing came back, which may change: it is asked again for a while. */
export class Empty extends Error {}
