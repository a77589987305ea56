import type { ResolvedSampling, SamplingRequest } from './options.js'
import { compilePattern } from './pattern.js'
import { callUser } from './user-callback.js'

const RANDOM_DIGITS = 14

/**
 * The head decision: a pure function of trace id and rate, so that services which share a rate agree.
 *
 * Where the random flag says that the rightmost 56 bits are random they are compared with OpenTelemetry's threshold
 * (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/); other ids, whose last bits may be constant, are mixed first.
 */
export function isSampled(traceId: string, rate: number, random: boolean): boolean {
  if (rate >= 1) return true
  if (rate <= 0) return false
  const randomness = random ? traceId.slice(-RANDOM_DIGITS) : mix(traceId)
  return randomness >= toThreshold(rate)
}

let lastRate = 1
let lastThreshold = ''

/** (1 - rate) * 2^56 in 14 hex digits: of equal length, they compare as text the way they do as numbers. */
function toThreshold(rate: number): string {
  if (rate === lastRate) return lastThreshold
  const threshold = BigInt(Math.min(Math.round((1 - rate) * 2 ** 52), 2 ** 52 - 1)) << 4n
  lastRate = rate
  lastThreshold = threshold.toString(16).padStart(RANDOM_DIGITS, '0')
  return lastThreshold
}

/** All 32 digits folded into 56 bits; FNV-1a with MurmurHash3's final mix, both public domain. */
function mix(traceId: string): string {
  return hash(traceId, 0x811c9dc5).slice(-7) + hash(traceId, 0x9747b28c).slice(-7)
}

function hash(text: string, seed: number): string {
  let h = seed
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0).toString(16).padStart(8, '0')
}

/** Lowers the rate where more traces begin per second than wanted. The factor is settled once a second, from the second before. */
export class RateCap {
  #second = 0
  #count = 0
  #factor = 1

  /** Counts one trace and tells by what to multiply the rate. */
  count(maxPerSecond: number, nowMs: number): number {
    const second = Math.floor(nowMs / 1000)
    if (second !== this.#second) {
      const seen = second === this.#second + 1 ? this.#count : 0
      this.#factor = seen > maxPerSecond ? maxPerSecond / seen : 1
      this.#second = second
      this.#count = 0
    }
    this.#count++
    return this.#factor
  }
}

/** Decides for traces that begin here. */
export class Sampler {
  readonly #sampling: ResolvedSampling
  readonly #rules: readonly { method: string | undefined; test: (path: string) => boolean; rate: number }[]
  readonly #begun = new RateCap()
  readonly #inherited = new RateCap()
  readonly #onThrow: (error: unknown) => void

  constructor(sampling: ResolvedSampling, onThrow: (error: unknown) => void) {
    this.#sampling = sampling
    this.#onThrow = onThrow
    this.#rules = sampling.rules.map((rule) => ({ method: rule.method?.toUpperCase(), test: compilePattern(rule.path), rate: rule.rate }))
  }

  /** For a trace on which nobody decided yet. */
  decide(request: SamplingRequest, random: boolean, nowMs: number): boolean {
    const factor = this.#begun.count(this.#sampling.maxTracesPerSecond, nowMs)
    const own = this.#sampling.sampler ? this.#ask(request) : undefined
    if (typeof own === 'boolean') return own
    const rate = own ?? this.#ruleRate(request) ?? this.#sampling.rate
    return isSampled(request.traceId, rate * factor, random)
  }

  /** For a trace that arrives with the sampled flag set: obeyed up to ten times `maxTracesPerSecond`. */
  obey(traceId: string, random: boolean, nowMs: number): boolean {
    return isSampled(traceId, this.#inherited.count(this.#sampling.maxTracesPerSecond * 10, nowMs), random)
  }

  #ask(request: SamplingRequest): boolean | number | undefined {
    const answer = callUser(() => this.#sampling.sampler?.(request), this.#onThrow)
    return typeof answer === 'boolean' || (typeof answer === 'number' && answer >= 0 && answer <= 1) ? answer : undefined
  }

  #ruleRate(request: SamplingRequest): number | undefined {
    if (this.#rules.length === 0) return undefined
    const method = request.attributes['http.request.method']
    const path = request.attributes['url.path']
    if (typeof path !== 'string') return undefined
    return this.#rules.find((rule) => (rule.method === undefined || rule.method === method) && rule.test(path))?.rate
  }
}
