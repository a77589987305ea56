import * as check from './check.js'
import type { KeepOptions, SamplingOptions, SamplingRule } from './options.js'

/** Sampling with its defaults. */
export interface ResolvedSampling {
  readonly rate: number
  readonly maxTracesPerSecond: number
  readonly rules: readonly SamplingRule[]
  readonly sampler: SamplingOptions['sampler']
  readonly keepErrors: boolean
  readonly slowerThanMs: number
  readonly slowRoutes: ReadonlyMap<string, number>
  /** The highest of them. */
  readonly slowestMs: number
  readonly maxKeptPerSecond: number
  readonly keepWhen: KeepOptions['when']
}

const SAMPLING_NAMES = ['rate', 'maxTracesPerSecond', 'rules', 'sampler', 'keep']

/** Sampling options with their defaults; also what `setSampling` goes through. */
export function resolveSampling(
  options: SamplingOptions | undefined,
  env: { rate?: number; maxTracesPerSecond?: number } = {},
): ResolvedSampling {
  const sampling = check.object(options, 'sampling', SAMPLING_NAMES)
  const keep = check.object(sampling.keep, 'sampling.keep', ['errors', 'slowerThanMs', 'when', 'maxTracesPerSecond'])
  const slow = keep.slowerThanMs
  const slowerThanMs = Array.isArray(slow)
    ? 1000
    : (check.range(slow as number | undefined, 'sampling.keep.slowerThanMs', { min: 0 }) ?? 1000)
  const slowRoutes = new Map(Array.isArray(slow) ? slow.map(checkSlowRoute) : [])
  return {
    rate: check.range(sampling.rate, 'sampling.rate', { min: 0, max: 1 }) ?? env.rate ?? 1,
    maxTracesPerSecond:
      check.range(sampling.maxTracesPerSecond, 'sampling.maxTracesPerSecond', { min: 0 }) ?? env.maxTracesPerSecond ?? 100,
    rules: (sampling.rules ?? []).map(checkRule),
    sampler: check.fn(sampling.sampler, 'sampling.sampler'),
    keepErrors: check.flag(keep.errors, 'sampling.keep.errors') ?? true,
    slowerThanMs,
    slowRoutes,
    slowestMs: Math.max(slowerThanMs, ...slowRoutes.values()),
    maxKeptPerSecond: check.range(keep.maxTracesPerSecond, 'sampling.keep.maxTracesPerSecond', { min: 0 }) ?? 100,
    keepWhen: check.fn(keep.when, 'sampling.keep.when'),
  }
}

function checkRule(rule: SamplingRule, index: number): SamplingRule {
  const name = `sampling.rules[${index}]`
  check.object(rule, name, ['method', 'path', 'rate'])
  check.text(rule.method, `${name}.method`)
  if (typeof rule.path !== 'string' && !(rule.path instanceof RegExp))
    throw check.invalid(`${name}.path`, 'a string or a regular expression', rule.path)
  if (check.range(rule.rate, `${name}.rate`, { min: 0, max: 1 }) === undefined)
    throw check.invalid(`${name}.rate`, 'a number from 0 to 1', rule.rate)
  return rule
}

function checkSlowRoute(entry: { route: string; ms: number }, index: number): [string, number] {
  const name = `sampling.keep.slowerThanMs[${index}]`
  check.object(entry, name, ['route', 'ms'])
  const route = check.text(entry.route, `${name}.route`)
  const ms = check.range(entry.ms, `${name}.ms`, { min: 0 })
  if (route === undefined || ms === undefined) throw check.invalid(name, '{ route, ms }', entry)
  return [route, ms]
}
