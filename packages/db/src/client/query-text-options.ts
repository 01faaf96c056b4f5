export interface QueryTextOptions {
  readonly queryText: 'sanitized' | 'raw' | 'none';
  readonly maxQueryTextLength: number;
}
