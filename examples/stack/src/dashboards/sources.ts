import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';

/*
 * Data sources are variables of each dashboard, so that it works with any names of data sources in your Grafana.
 */
export const prometheus: DataSourceRef = { type: 'prometheus', uid: '$prometheus' };
export const loki: DataSourceRef = { type: 'loki', uid: '$loki' };
export const tempo: DataSourceRef = { type: 'tempo', uid: '$tempo' };
