// Figures count only where every span has reached the exporter.

const SPANS = 3
/** The count of a one per cent sample scatters; more than this would be another rate. */
const TOLERANCE = 0.3

/**
 * Throws where spans are missing. OpenTelemetry's instrumentations make more than three per request, but always as many.
 *
 * @param {string} name
 * @param {number | undefined} rate
 * @param {{ requests: number, exported: number, dropped: number }} counts
 */
export function checkCounts(name, rate, { requests, exported, dropped }) {
  if (rate === undefined) return
  if (dropped > 0) throw new Error(`${name} dropped ${dropped} spans`)
  const perRequest = exported / (requests * rate)
  const isWhole = rate < 1 ? perRequest > SPANS * (1 - TOLERANCE) : perRequest >= SPANS && Number.isInteger(perRequest)
  if (!isWhole) throw new Error(`${name} exported ${exported} spans of ${requests} requests, ${perRequest.toFixed(4)} for each`)
}
