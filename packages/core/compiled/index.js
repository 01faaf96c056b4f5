import {
  defineSlo
} from "./chunk-VMMEGUZ3.js";
import {
  correlate,
  counter,
  gauge,
  getObservability,
  histogram,
  initObservability,
  logger,
  traced,
  withSpan
} from "./chunk-AQDGJSJE.js";
import "./chunk-WWVNV2PO.js";
import "./chunk-FKH6QDU2.js";
import "./chunk-FHM7RHAG.js";
import "./chunk-OKTRVW2Y.js";
import "./chunk-5UVLWR2H.js";
import {
  defineContract
} from "./chunk-HYO6SFH6.js";
import "./chunk-K5GWHKQH.js";
import {
  ObservabilityError
} from "./chunk-M47XFLI6.js";
import "./chunk-DGUM43GV.js";
export {
  ObservabilityError,
  correlate,
  counter,
  defineContract,
  defineSlo,
  gauge,
  getObservability,
  histogram,
  initObservability,
  logger,
  traced,
  withSpan
};
//# sourceMappingURL=index.js.map