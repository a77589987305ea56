export { toOtlpJson } from '@clew/core/otlp'
export { fromOtlpJson, fromOtlpJsonInSteps } from './otlp-json.js'
export type { ReadOptions, ReadPayload, ReadSteps, RejectedSpans } from './otlp-json.js'
