import type { Contract } from '@throughline/core';

export declare const teams: readonly ['checkout', 'catalogue', 'platform'];
export declare const environments: readonly ['production', 'staging', 'development'];
export type Team = (typeof teams)[number];

export declare const contract: Contract;

/** The options that every service of Acme passes to initObservability, in addition to its name and its plugins. */
export declare function acmeOptions(service: { readonly team: Team }): {
  readonly team: Team;
  readonly serviceNamespace: 'shop';
  readonly contract: Contract;
};
