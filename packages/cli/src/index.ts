export { defineSlo, type Sli, type Slo, type SloSubject, type SloWindow } from './slo/slo.js';
