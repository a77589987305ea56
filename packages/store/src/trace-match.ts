import { readAttribute, spanError } from '@clew/analysis'
import type { Attributes, AttributeValue, SpanData } from '@clew/core'
import type { ResolvedTraceQuery } from './query.js'

type SpanTest = (span: SpanData) => boolean

/** The conditions of a query that are about spans, each to be met by some span of the trace. */
export function createSpanTests(query: ResolvedTraceQuery): readonly SpanTest[] {
  const { service, operation, environment, version, errorType, attributes } = query
  const tests: SpanTest[] = []
  const place = [
    service !== undefined && ((span: SpanData) => span.service === service),
    operation !== undefined && ((span: SpanData) => isOperation(span, operation)),
    version !== undefined && ((span: SpanData) => hasAttribute(span.resource.attributes, 'service.version', version)),
    environment !== undefined && ((span: SpanData) => isEnvironment(span, environment)),
  ].filter((test) => test !== false)
  if (place.length > 0) tests.push((span) => place.every((test) => test(span)))
  if (errorType !== undefined) tests.push((span) => hasErrorType(span, errorType))
  if (attributes.length > 0) tests.push((span) => attributes.every(([name, value]) => hasOwnOrShared(span, name, value)))
  return tests
}

function isOperation(span: SpanData, operation: string): boolean {
  return span.name === operation || readAttribute(span.attributes, 'url.path') === operation
}

function isEnvironment({ resource }: SpanData, environment: string): boolean {
  const { 'deployment.environment.name': name, 'deployment.environment': older } = resource.attributes
  return (name ?? older) === environment
}

function hasErrorType(span: SpanData, type: string): boolean {
  if (hasAttribute(span.attributes, 'error.type', type) || hasAttribute(span.attributes, 'exception.type', type)) return true
  if (span.events.some((event) => hasAttribute(event.attributes, 'exception.type', type))) return true
  return spanError(span)?.type === type
}

function hasOwnOrShared(span: SpanData, name: string, value: string): boolean {
  return hasAttribute(span.attributes, name, value) || hasAttribute(span.resource.attributes, name, value)
}

function hasAttribute(attributes: Attributes, name: string, expected: string): boolean {
  return isEqualValue(readAttribute(attributes, name), expected)
}

function isEqualValue(value: AttributeValue | undefined, expected: string): boolean {
  if (value === undefined) return false
  return Array.isArray(value) ? value.some((element) => String(element) === expected) : String(value) === expected
}
