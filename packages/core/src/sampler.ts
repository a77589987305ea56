import type { SamplingRequest } from './options.js'
import type { ResolvedSampling } from './sampling-options.js'
import { readOt, writeOt } from './ot-member.js'
import { compilePattern } from './pattern.js'
import { callUser } from './user-callback.js'

const RANDOM_DIGITS = 14

/** The head decision as it travels on. */
export interface HeadDecision {
  readonly sampled: boolean
  readonly traceState: string | undefined
}

/** What a decision is about. */
export interface HeadTrace {
  readonly traceId: string
  /** True where the rightmost 56 bits of the id are said to be random. */
  readonly random: boolean
  /** As it was received; undefined for a trace that begins here. */
  readonly traceState: string | undefined
  /** A reading of the monotonic clock. */
  readonly nowMs: number
}

/** A rate as OpenTelemetry's rejection threshold; see `isSampled`. */
interface Threshold {
  /** 14 hex digits: of equal length, they compare as text the way they do as numbers. */
  readonly digits: string
  /** As it stands in `th`: without zeros at the end. */
  readonly short: string
  /** For a trace that begins here and passes it. */
  readonly passed: HeadDecision
}

const SAMPLED: HeadDecision = { sampled: true, traceState: undefined }
const NOT_SAMPLED: HeadDecision = { sampled: false, traceState: undefined }

/**
 * A pure function of randomness and rate, so that services which share a rate agree. The randomness is compared with OpenTelemetry's threshold
 * (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/).
 */
export function isSampled(randomness: string, rate: number): boolean {
  if (rate >= 1) return true
  return rate > 0 && randomness >= toThreshold(rate).digits
}

/** 14 hex digits: the rightmost of an id that is random there; others, whose last bits may be constant, are mixed first. */
export function toRandomness(traceId: string, random: boolean): string {
  return random ? traceId.slice(-RANDOM_DIGITS) : mix(traceId)
}

let lastRate = Number.NaN
let lastThreshold: Threshold

/** (1 - rate) * 2^56, exact to 2^-52. */
function toThreshold(rate: number): Threshold {
  if (rate === lastRate) return lastThreshold
  const scaled = Math.min(Math.round((1 - rate) * 2 ** 52), 2 ** 52 - 1)
  const digits = `${scaled.toString(16).padStart(RANDOM_DIGITS - 1, '0')}0`
  const short = digits.replace(/0+$/, '') || '0'
  lastRate = rate
  lastThreshold = { digits, short, passed: { sampled: true, traceState: `ot=th:${short}` } }
  return lastThreshold
}

/** The part of traces that a valid threshold lets pass. */
function toRate(threshold: string): number {
  return 1 - Number.parseInt(threshold.padEnd(RANDOM_DIGITS, '0'), 16) / 2 ** 56
}

/** All 32 digits of an id folded into 56 bits; FNV-1a with MurmurHash3's final mix, both public domain. */
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

/** How many times the cap ids from outside may pass within a second that nobody foresaw, and at all. */
const BURST = 10

/** Lowers the rate where more traces begin per second than wanted. The factor is settled once a second, from the second before. */
export class RateCap {
  #second = 0
  #count = 0
  #admitted = 0
  #factor = 1

  /** Counts one trace and tells by what to multiply the rate. */
  count(maxPerSecond: number, nowMs: number): number {
    const second = Math.floor(nowMs / 1000)
    if (second !== this.#second) {
      const seen = second === this.#second + 1 ? this.#count : 0
      this.#factor = seen > maxPerSecond ? maxPerSecond / seen : 1
      this.#second = second
      this.#count = 0
      this.#admitted = 0
    }
    this.#count++
    return maxPerSecond > 0 ? this.#factor : 0
  }

  /** A hard stop after a factor has let a trace pass: ids that somebody chose may all survive it. */
  admit(maxPerSecond: number): boolean {
    return this.#admitted++ < BURST * maxPerSecond
  }
}

/** Flags that arrive are obeyed up to this many times `maxTracesPerSecond`. */
const INHERITED_SHARE = 10

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
  decide(request: SamplingRequest, trace: HeadTrace): HeadDecision {
    const factor = this.#begun.count(this.#sampling.maxTracesPerSecond, trace.nowMs)
    const own = this.#sampling.sampler ? this.#ask(request) : undefined
    if (typeof own === 'boolean') return withoutThreshold(own, trace)
    const decision = decideByRate(trace, (own ?? this.#ruleRate(request) ?? this.#sampling.rate) * factor)
    if (!request.remote || !decision.sampled || this.#begun.admit(this.#sampling.maxTracesPerSecond)) return decision
    return withoutThreshold(false, trace)
  }

  /** For a trace that arrives with the sampled flag set: obeyed up to ten times `maxTracesPerSecond`. What is inherited stays as it came. */
  obey(trace: HeadTrace): HeadDecision {
    const max = this.#sampling.maxTracesPerSecond * INHERITED_SHARE
    const factor = this.#inherited.count(max, trace.nowMs)
    const decision = factor >= 1 ? { sampled: true, traceState: trace.traceState } : thin(trace, factor)
    return !decision.sampled || this.#inherited.admit(max) ? decision : withoutThreshold(false, trace)
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

function decideByRate(trace: HeadTrace, rate: number): HeadDecision {
  const begins = trace.traceState === undefined && trace.random
  if (rate <= 0) return begins ? NOT_SAMPLED : withoutThreshold(false, trace)
  if (rate >= 1) return begins ? SAMPLED : samplesAll(trace)
  const threshold = toThreshold(rate)
  if (begins) return toRandomness(trace.traceId, true) >= threshold.digits ? threshold.passed : NOT_SAMPLED
  const given = readOt(trace.traceState).randomness
  const randomness = given ?? toRandomness(trace.traceId, trace.random)
  const sampled = randomness >= threshold.digits
  // Others can agree only if they know what was compared.
  const explicit = given ?? (trace.random ? undefined : randomness)
  return { sampled, traceState: writeOt(trace.traceState, { threshold: sampled ? threshold.short : undefined, randomness: explicit }) }
}

/** Every trace passes; only where somebody said otherwise that has to be corrected. */
function samplesAll({ traceState }: HeadTrace): HeadDecision {
  const { threshold, randomness } = readOt(traceState)
  return { sampled: true, traceState: threshold === undefined ? traceState : writeOt(traceState, { threshold: '0', randomness }) }
}

/** Not sampled, or at a probability that nobody knows. */
function withoutThreshold(sampled: boolean, { traceState }: HeadTrace): HeadDecision {
  if (traceState === undefined) return sampled ? SAMPLED : NOT_SAMPLED
  return { sampled, traceState: writeOt(traceState, { threshold: undefined, randomness: readOt(traceState).randomness }) }
}

/**
 * A part of what was sampled elsewhere, in proportion. Of those traces the randomness is known to be above the sender's threshold; where
 * that is unknown they are told apart by a mix of the whole id, as what is left of its last bits may be one-sided.
 */
function thin(trace: HeadTrace, factor: number): HeadDecision {
  const { threshold, randomness } = readOt(trace.traceState)
  if (threshold === undefined)
    return isSampled(mix(trace.traceId), factor) ? { sampled: true, traceState: trace.traceState } : withoutThreshold(false, trace)
  return decideByRate(trace.random || randomness !== undefined ? trace : { ...trace, random: true }, toRate(threshold) * factor)
}
