// What is read of which headers: the test runs these rows, and docs/reference/propagation.md is written from them.
import { createHash } from 'node:crypto'

/** @typedef {'valid' | 'short' | 'long' | 'upper case' | 'duplicated' | 'empty' | 'mixed' | 'hostile'} Kind */
/** @typedef {'w3c' | 'b3' | 'b3multi' | 'datadog' | 'jaeger' | 'x-trace' | 'gcp' | 'xray'} Dialect */

/**
 * @typedef {object} Ids
 * @property {Dialect} dialect where the ids come from
 * @property {string} traceId
 * @property {string} [spanId]
 * @property {boolean} [sampled] absent: not decided
 * @property {string} [externalId]
 */

/**
 * @typedef {object} Case
 * @property {Kind} kind
 * @property {string} title
 * @property {Readonly<Record<string, string | readonly string[]>>} headers a list: the header is there several times
 * @property {Ids} [ids] absent: a new trace begins
 */

/** @type {readonly Kind[]} */
export const KINDS = ['valid', 'short', 'long', 'upper case', 'duplicated', 'empty', 'mixed', 'hostile']

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SHORT_TRACE = '00000000000000008448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const PARENT = '00f067aa0ba902b7'
const OTHER = '4bf92f3577b34da6a3ce929d0e0e4736'
/** `SPAN` and the lower half of `TRACE` as decimal numbers, and the greatest one of 64 bits. */
const SPAN_DECIMAL = '13235353014750950193'
const LOW_DECIMAL = '9532127138774266268'
const MAX_DECIMAL = '18446744073709551615'
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`
const UUID = '0af76519-16cd-43dd-8448-eb211c80319c'

/** @param {string} text */
const derive = (text) => createHash('sha256').update(text).digest('hex').slice(0, 32)

/**
 * @param {Kind} kind
 * @param {string} title
 * @param {Case['headers']} headers
 * @param {Ids} [ids]
 * @returns {Case}
 */
const row = (kind, title, headers, ids) => ({ kind, title, headers, ...(ids === undefined ? undefined : { ids }) })

/**
 * @param {Dialect} dialect
 * @param {boolean} [sampled]
 * @returns {Ids}
 */
const both = (dialect, sampled) => ({ dialect, traceId: TRACE, spanId: SPAN, ...(sampled === undefined ? undefined : { sampled }) })

/** @type {readonly Case[]} */
const W3C = [
  row('valid', 'sampled', { traceparent: TRACEPARENT }, both('w3c', true)),
  row('valid', 'not sampled', { traceparent: `00-${TRACE}-${SPAN}-00` }, both('w3c', false)),
  row('valid', 'unknown flags are cleared', { traceparent: `00-${TRACE}-${SPAN}-fc` }, both('w3c', false)),
  row('valid', 'a higher version with more fields', { traceparent: `cc-${TRACE}-${SPAN}-01-what-comes-later` }, both('w3c', true)),
  row('valid', 'a bad `tracestate` is dropped, the trace stays', { traceparent: TRACEPARENT, tracestate: 'BAD=1' }, both('w3c', true)),
  row('short', 'a trace id of 31 digits', { traceparent: `00-${TRACE.slice(1)}-${SPAN}-01` }),
  row('short', 'flags of one digit', { traceparent: `00-${TRACE}-${SPAN}-1` }),
  row('long', 'version 00 with more fields', { traceparent: `${TRACEPARENT}-more` }),
  row('upper case', 'upper-case ids', { traceparent: TRACEPARENT.toUpperCase() }),
  row('duplicated', 'twice, as a list', { traceparent: [TRACEPARENT, TRACEPARENT] }),
  row('duplicated', 'twice, folded by Node', { traceparent: `${TRACEPARENT}, ${TRACEPARENT}` }),
  row('empty', 'empty, as if it were absent', { traceparent: '', b3: `${TRACE}-${SPAN}-1` }, both('b3', true)),
  row('empty', '`tracestate` alone', { tracestate: 'rojo=00f067aa0ba902b7' }),
  row(
    'mixed',
    'wins over all others, whole',
    { traceparent: `00-${TRACE}-${SPAN}-00`, b3: `${OTHER}-${PARENT}-1`, 'x-sampled': '1' },
    both('w3c', false),
  ),
  row('mixed', 'invalid, it ends the search', { traceparent: `ff-${TRACE}-${SPAN}-01`, b3: `${OTHER}-${PARENT}-1`, 'x-trace-id': OTHER }),
  row('hostile', 'ids of zeros', { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01` }),
  row('hostile', 'a line break', { traceparent: `${TRACEPARENT}\r\nx-admin: 1` }),
  row('hostile', 'very long', { traceparent: `00-${'0'.repeat(100_000)}` }),
]

/** @type {readonly Case[]} */
const B3 = [
  row('valid', 'sampled', { b3: `${TRACE}-${SPAN}-1` }, both('b3', true)),
  row('valid', 'not sampled, with a parent', { b3: `${TRACE}-${SPAN}-0-${PARENT}` }, both('b3', false)),
  row('valid', 'debug counts as sampled', { b3: `${TRACE}-${SPAN}-d` }, both('b3', true)),
  row('valid', 'without a sampling state', { b3: `${TRACE}-${SPAN}` }, both('b3')),
  row('valid', 'a parent without a sampling state', { b3: `${TRACE}-${SPAN}-${PARENT}` }, both('b3')),
  row('valid', 'a trace id of 64 bits, padded', { b3: `8448eb211c80319c-${SPAN}-1` }, { ...both('b3', true), traceId: SHORT_TRACE }),
  row('short', 'a sampling state alone decides nothing', { b3: '0' }),
  row('short', 'a trace id alone', { b3: TRACE }),
  row('short', 'a trace id of 15 digits', { b3: `448eb211c80319c-${SPAN}-1` }),
  row('long', 'a trace id of 33 digits', { b3: `0${TRACE}-${SPAN}-1` }),
  row('long', 'one field too many', { b3: `${TRACE}-${SPAN}-1-${PARENT}-1` }),
  row('upper case', 'upper-case ids', { b3: `${TRACE.toUpperCase()}-${SPAN.toUpperCase()}-1` }, both('b3', true)),
  row('duplicated', 'twice, as a list', { b3: [`${TRACE}-${SPAN}-1`, `${TRACE}-${SPAN}-1`] }),
  row('duplicated', 'twice, folded by Node', { b3: `${TRACE}-${SPAN}-1, ${TRACE}-${SPAN}-1` }),
  row('empty', 'empty, as if it were absent', { b3: '' }),
  row(
    'mixed',
    'wins over `X-B3-*`',
    { b3: `${TRACE}-${SPAN}-0`, 'x-b3-traceid': OTHER, 'x-b3-spanid': PARENT, 'x-b3-sampled': '1' },
    both('b3', false),
  ),
  row(
    'mixed',
    'invalid, it leaves the word to the next',
    { b3: `${OTHER}-${PARENT}-x`, 'x-trace-id': TRACE, 'x-span-id': SPAN },
    both('x-trace'),
  ),
  row('hostile', 'ids of zeros', { b3: `${'0'.repeat(32)}-${'0'.repeat(16)}-1` }),
  row('hostile', 'very long', { b3: `${TRACE}-`.repeat(3_000) }),
]

/** @type {readonly Case[]} */
const B3_MULTI = [
  row(
    'valid',
    'sampled',
    { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-parentspanid': PARENT, 'x-b3-sampled': '1' },
    both('b3multi', true),
  ),
  row('valid', 'not sampled', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '0' }, both('b3multi', false)),
  row(
    'valid',
    '`true`, as older senders write it',
    { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': 'true' },
    both('b3multi', true),
  ),
  row('valid', 'debug counts as sampled', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-flags': '1' }, both('b3multi', true)),
  row('valid', 'not decided', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN }, both('b3multi')),
  row(
    'valid',
    'a trace id of 64 bits, padded',
    { 'x-b3-traceid': '8448eb211c80319c', 'x-b3-spanid': SPAN },
    { dialect: 'b3multi', traceId: SHORT_TRACE, spanId: SPAN },
  ),
  row('short', 'a trace id without a span id', { 'x-b3-traceid': TRACE, 'x-b3-sampled': '1' }),
  row('short', 'a sampling state alone decides nothing', { 'x-b3-sampled': '0' }),
  row('short', 'a span id of 15 digits', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN.slice(1) }),
  row('long', 'a trace id of 33 digits', { 'x-b3-traceid': `0${TRACE}`, 'x-b3-spanid': SPAN }),
  row(
    'upper case',
    'upper-case ids',
    { 'x-b3-traceid': TRACE.toUpperCase(), 'x-b3-spanid': SPAN.toUpperCase(), 'x-b3-sampled': 'TRUE' },
    both('b3multi', true),
  ),
  row('duplicated', 'the trace id twice', { 'x-b3-traceid': `${TRACE}, ${TRACE}`, 'x-b3-spanid': SPAN }),
  row(
    'duplicated',
    'the sampling state twice: not decided',
    { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': ['1', '1'] },
    both('b3multi'),
  ),
  row('empty', 'empty, as if they were absent', { 'x-b3-traceid': '', 'x-b3-spanid': '' }),
  row(
    'mixed',
    'wins over `x-datadog-*`',
    { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-datadog-trace-id': '7', 'x-datadog-sampling-priority': '2' },
    both('b3multi'),
  ),
  row('mixed', 'the span id of another dialect is not taken', { 'x-b3-traceid': TRACE, 'x-span-id': SPAN }),
  row('hostile', 'not hex', { 'x-b3-traceid': `${TRACE.slice(1)}g`, 'x-b3-spanid': '../../../passwd!' }),
  row('hostile', 'very long', { 'x-b3-traceid': 'a'.repeat(100_000), 'x-b3-spanid': SPAN }),
]

const DATADOG_IDS = { 'x-datadog-trace-id': LOW_DECIMAL, 'x-datadog-parent-id': SPAN_DECIMAL }
const TID = '_dd.p.tid=0af7651916cd43dd'

/** @type {Ids} */
const DATADOG_SHORT = { dialect: 'datadog', traceId: SHORT_TRACE, spanId: SPAN }

/** @type {readonly Case[]} */
const DATADOG = [
  row(
    'valid',
    'the upper half stands in the tags',
    { ...DATADOG_IDS, 'x-datadog-sampling-priority': '1', 'x-datadog-tags': `_dd.p.dm=-1,${TID}` },
    both('datadog', true),
  ),
  row(
    'valid',
    'a trace id of 64 bits, padded',
    { ...DATADOG_IDS, 'x-datadog-sampling-priority': '2' },
    { ...DATADOG_SHORT, sampled: true },
  ),
  row('valid', 'priority 0', { ...DATADOG_IDS, 'x-datadog-sampling-priority': '0' }, { ...DATADOG_SHORT, sampled: false }),
  row('valid', 'priority -1', { ...DATADOG_IDS, 'x-datadog-sampling-priority': '-1' }, { ...DATADOG_SHORT, sampled: false }),
  row('valid', 'no priority: not decided', DATADOG_IDS, DATADOG_SHORT),
  row(
    'valid',
    'the greatest number',
    { 'x-datadog-trace-id': MAX_DECIMAL, 'x-datadog-parent-id': MAX_DECIMAL },
    { dialect: 'datadog', traceId: `${'0'.repeat(16)}${'f'.repeat(16)}`, spanId: 'f'.repeat(16) },
  ),
  row(
    'short',
    'no parent: the trace id alone',
    { 'x-datadog-trace-id': LOW_DECIMAL, 'x-datadog-tags': TID },
    { dialect: 'datadog', traceId: TRACE },
  ),
  row(
    'short',
    'parent 0: the trace id alone',
    { 'x-datadog-trace-id': LOW_DECIMAL, 'x-datadog-parent-id': '0' },
    { dialect: 'datadog', traceId: SHORT_TRACE },
  ),
  row('long', 'more than 64 bits', { 'x-datadog-trace-id': '18446744073709551616', 'x-datadog-parent-id': SPAN_DECIMAL }),
  row(
    'long',
    'a parent of more than 64 bits: the trace id alone',
    { 'x-datadog-trace-id': LOW_DECIMAL, 'x-datadog-parent-id': '99999999999999999999' },
    { dialect: 'datadog', traceId: SHORT_TRACE },
  ),
  row('upper case', 'an upper half in upper case', { ...DATADOG_IDS, 'x-datadog-tags': '_dd.p.tid=0AF7651916CD43DD' }, both('datadog')),
  row('duplicated', 'the trace id twice', { ...DATADOG_IDS, 'x-datadog-trace-id': `${LOW_DECIMAL}, ${LOW_DECIMAL}` }),
  row('empty', 'empty, as if they were absent', { 'x-datadog-trace-id': '', 'x-datadog-parent-id': '' }),
  row('mixed', 'wins over `uber-trace-id`', { ...DATADOG_IDS, 'uber-trace-id': `${OTHER}:${PARENT}:0:1` }, DATADOG_SHORT),
  row('hostile', 'an id of zero', { 'x-datadog-trace-id': '0', 'x-datadog-parent-id': '0', 'x-datadog-tags': TID }),
  row('hostile', 'a number that is none', { 'x-datadog-trace-id': '0x10', 'x-datadog-parent-id': '-1' }),
  row('hostile', 'very long tags are not read', { ...DATADOG_IDS, 'x-datadog-tags': `${'_dd.p.x=1,'.repeat(1_000)}${TID}` }, DATADOG_SHORT),
  row('hostile', 'very long', { 'x-datadog-trace-id': '9'.repeat(100_000) }),
]

/** @type {readonly Case[]} */
const JAEGER = [
  row('valid', 'sampled', { 'uber-trace-id': `${TRACE}:${SPAN}:0:1` }, both('jaeger', true)),
  row('valid', 'not sampled, with a parent', { 'uber-trace-id': `${TRACE}:${SPAN}:${PARENT}:0` }, both('jaeger', false)),
  row('valid', 'debug and sampled', { 'uber-trace-id': `${TRACE}:${SPAN}:0:3` }, both('jaeger', true)),
  row(
    'valid',
    'ids without leading zeros, padded',
    { 'uber-trace-id': '8448eb211c80319c:f067aa0ba902b7:0:1' },
    { dialect: 'jaeger', traceId: SHORT_TRACE, spanId: PARENT, sampled: true },
  ),
  row('valid', 'percent-encoded', { 'uber-trace-id': `${TRACE}%3A${SPAN}%3A0%3a01` }, both('jaeger', true)),
  row('short', 'three fields', { 'uber-trace-id': `${TRACE}:${SPAN}:1` }),
  row('short', 'without a span id', { 'uber-trace-id': `${TRACE}::0:1` }),
  row('long', 'a trace id of 33 digits', { 'uber-trace-id': `1${TRACE}:${SPAN}:0:1` }),
  row('long', 'a span id of 17 digits', { 'uber-trace-id': `${TRACE}:1${SPAN}:0:1` }),
  row('upper case', 'upper-case ids', { 'uber-trace-id': `${TRACE.toUpperCase()}:${SPAN.toUpperCase()}:0:1` }, both('jaeger', true)),
  row('duplicated', 'twice, as a list', { 'uber-trace-id': [`${TRACE}:${SPAN}:0:1`, `${TRACE}:${SPAN}:0:1`] }),
  row('duplicated', 'twice, folded by Node', { 'uber-trace-id': `${TRACE}:${SPAN}:0:1, ${TRACE}:${SPAN}:0:1` }),
  row('empty', 'empty, as if it were absent', { 'uber-trace-id': '' }),
  row(
    'mixed',
    'wins over `X-Trace-*`',
    { 'uber-trace-id': `${TRACE}:${SPAN}:0:0`, 'x-trace-id': OTHER, 'x-span-id': PARENT, 'x-sampled': '1' },
    both('jaeger', false),
  ),
  row('hostile', 'ids of zeros', { 'uber-trace-id': '0:0:0:1' }),
  row('hostile', 'malformed percent-encoding', { 'uber-trace-id': `%E0%A4%A:${SPAN}:0:1` }),
  row('hostile', 'very long', { 'uber-trace-id': '%3A'.repeat(30_000) }),
]

/** @type {readonly Case[]} */
const X_TRACE = [
  row('valid', 'all four', { 'x-trace-id': TRACE, 'x-span-id': SPAN, 'x-parent-span-id': PARENT, 'x-sampled': '1' }, both('x-trace', true)),
  row('valid', 'not sampled', { 'x-trace-id': TRACE, 'x-span-id': SPAN, 'x-sampled': 'false' }, both('x-trace', false)),
  row('valid', 'the trace id alone', { 'x-trace-id': TRACE }, { dialect: 'x-trace', traceId: TRACE }),
  row('valid', 'the parent, where the sender does not name its span', { 'x-trace-id': TRACE, 'x-parent-span-id': SPAN }, both('x-trace')),
  row('valid', 'a UUID', { 'x-trace-id': UUID }, { dialect: 'x-trace', traceId: TRACE, externalId: UUID }),
  row(
    'valid',
    'text, by its SHA-256',
    { 'x-trace-id': 'abc-123' },
    { dialect: 'x-trace', traceId: derive('abc-123'), externalId: 'abc-123' },
  ),
  row(
    'short',
    '16 digits, padded',
    { 'x-trace-id': '8448eb211c80319c' },
    { dialect: 'x-trace', traceId: SHORT_TRACE, externalId: '8448eb211c80319c' },
  ),
  row('short', 'text of five characters', { 'x-trace-id': 'abc-1' }),
  row('long', 'text of 129 characters', { 'x-trace-id': 'x1'.repeat(64) + 'y' }),
  row(
    'upper case',
    'upper-case ids',
    { 'x-trace-id': TRACE.toUpperCase(), 'x-span-id': SPAN.toUpperCase() },
    { ...both('x-trace'), externalId: TRACE.toUpperCase() },
  ),
  row('duplicated', 'equal ones count once', { 'x-trace-id': [TRACE, TRACE], 'x-span-id': `${SPAN}, ${SPAN}` }, both('x-trace')),
  row('duplicated', 'unequal ones count as absent', { 'x-trace-id': `${TRACE}, ${OTHER}`, 'x-span-id': SPAN }),
  row('empty', 'empty, as if it were absent', { 'x-trace-id': '', 'x-span-id': SPAN }),
  row(
    'mixed',
    'wins over `X-Cloud-Trace-Context`',
    { 'x-trace-id': TRACE, 'x-span-id': SPAN, 'x-cloud-trace-context': `${OTHER}/7;o=1` },
    both('x-trace'),
  ),
  row(
    'mixed',
    'text that `traceparent` was derived from stays',
    { traceparent: `00-${derive('abc-123')}-${SPAN}-01`, 'x-trace-id': 'abc-123' },
    { dialect: 'w3c', traceId: derive('abc-123'), spanId: SPAN, sampled: true, externalId: 'abc-123' },
  ),
  row('hostile', 'a placeholder', { 'x-trace-id': 'undefined', 'x-span-id': SPAN }),
  row('hostile', 'markup', { 'x-trace-id': '<script>alert(1)</script>' }),
  row('hostile', 'very long', { 'x-trace-id': 'a,'.repeat(50_000) }),
]

/** @type {readonly Case[]} */
const GCP = [
  row('valid', 'the flag decides nothing', { 'x-cloud-trace-context': `${TRACE}/${SPAN_DECIMAL};o=1` }, both('gcp')),
  row('valid', 'nor does its absence', { 'x-cloud-trace-context': `${TRACE}/${SPAN_DECIMAL}` }, both('gcp')),
  row(
    'valid',
    'the greatest span id',
    { 'x-cloud-trace-context': `${TRACE}/${MAX_DECIMAL};o=0` },
    { dialect: 'gcp', traceId: TRACE, spanId: 'f'.repeat(16) },
  ),
  row('valid', 'without a span id: the trace id alone', { 'x-cloud-trace-context': `${TRACE};o=1` }, { dialect: 'gcp', traceId: TRACE }),
  row('short', 'span id 0: the trace id alone', { 'x-cloud-trace-context': `${TRACE}/0;o=1` }, { dialect: 'gcp', traceId: TRACE }),
  row('short', 'a trace id of 31 digits', { 'x-cloud-trace-context': `${TRACE.slice(1)}/${SPAN_DECIMAL};o=1` }),
  row('long', 'a trace id of 33 digits', { 'x-cloud-trace-context': `0${TRACE}/${SPAN_DECIMAL};o=1` }),
  row(
    'long',
    'a span id of more than 64 bits: the trace id alone',
    { 'x-cloud-trace-context': `${TRACE}/18446744073709551616;o=1` },
    { dialect: 'gcp', traceId: TRACE },
  ),
  row('upper case', 'an upper-case trace id', { 'x-cloud-trace-context': `${TRACE.toUpperCase()}/${SPAN_DECIMAL};o=1` }, both('gcp')),
  row('duplicated', 'twice, folded by Node', { 'x-cloud-trace-context': `${TRACE}/7;o=1, ${TRACE}/7;o=1` }),
  row('duplicated', 'twice, as a list', { 'x-cloud-trace-context': [`${TRACE}/7`, `${TRACE}/7`] }),
  row('empty', 'empty, as if it were absent', { 'x-cloud-trace-context': '' }),
  row(
    'mixed',
    'wins over `X-Amzn-Trace-Id`',
    {
      'x-cloud-trace-context': `${TRACE}/${SPAN_DECIMAL};o=1`,
      'x-amzn-trace-id': `Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=${PARENT}`,
    },
    both('gcp'),
  ),
  row(
    'mixed',
    'gives way to the caller’s `X-Trace-Id`',
    { 'x-cloud-trace-context': `${OTHER}/7;o=1`, 'x-trace-id': TRACE, 'x-span-id': SPAN },
    both('x-trace'),
  ),
  row('hostile', 'a span id in hex', { 'x-cloud-trace-context': `${TRACE}/${SPAN};o=1` }),
  row('hostile', 'a trace id of zeros', { 'x-cloud-trace-context': `${'0'.repeat(32)}/7;o=1` }),
  row('hostile', 'very long', { 'x-cloud-trace-context': `${TRACE}/${'9'.repeat(100_000)}` }),
]

const ROOT = 'Root=1-0af76519-16cd43dd8448eb211c80319c'

/** @type {readonly Case[]} */
const XRAY = [
  row('valid', 'the flag decides nothing', { 'x-amzn-trace-id': `${ROOT};Parent=${SPAN};Sampled=1` }, both('xray')),
  row('valid', 'in another order', { 'x-amzn-trace-id': `Sampled=0;Parent=${SPAN};${ROOT}` }, both('xray')),
  row(
    'valid',
    'without a parent, as load balancers write it: the trace id alone',
    { 'x-amzn-trace-id': ROOT },
    { dialect: 'xray', traceId: TRACE },
  ),
  row(
    'valid',
    '`Self` of a load balancer is ignored',
    { 'x-amzn-trace-id': `Self=1-67891234-${'a'.repeat(24)};${ROOT}` },
    { dialect: 'xray', traceId: TRACE },
  ),
  row(
    'valid',
    'more fields, and spaces between them',
    { 'x-amzn-trace-id': `${ROOT}; Parent=${SPAN}; Sampled=?; Lineage=1:a87bd80c:0` },
    both('xray'),
  ),
  row(
    'short',
    'a parent of 15 digits: the trace id alone',
    { 'x-amzn-trace-id': `${ROOT};Parent=${SPAN.slice(1)}` },
    { dialect: 'xray', traceId: TRACE },
  ),
  row('short', 'a root of 23 digits', { 'x-amzn-trace-id': ROOT.slice(0, -1) }),
  row('short', 'without a root', { 'x-amzn-trace-id': `Parent=${SPAN};Sampled=1` }),
  row('long', 'a root of 25 digits', { 'x-amzn-trace-id': `${ROOT}0;Parent=${SPAN}` }),
  row(
    'upper case',
    'upper-case ids',
    { 'x-amzn-trace-id': `Root=1-0AF76519-16CD43DD8448EB211C80319C;Parent=${SPAN.toUpperCase()}` },
    both('xray'),
  ),
  row('upper case', 'upper-case fields are other fields', { 'x-amzn-trace-id': `ROOT=1-0af76519-16cd43dd8448eb211c80319c` }),
  row('duplicated', 'two roots', { 'x-amzn-trace-id': `${ROOT};${ROOT}` }),
  row('duplicated', 'twice, folded by Node', { 'x-amzn-trace-id': `${ROOT}, ${ROOT}` }),
  row('empty', 'empty, as if it were absent', { 'x-amzn-trace-id': '' }),
  row(
    'mixed',
    'gives way to every other',
    { 'x-amzn-trace-id': `Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=${PARENT}`, 'x-trace-id': TRACE, 'x-span-id': SPAN },
    both('x-trace'),
  ),
  row('hostile', 'another version', { 'x-amzn-trace-id': 'Root=2-0af76519-16cd43dd8448eb211c80319c' }),
  row('hostile', 'a root of zeros', { 'x-amzn-trace-id': `Root=1-${'0'.repeat(8)}-${'0'.repeat(24)}` }),
  row('hostile', 'very long', { 'x-amzn-trace-id': `${ROOT};${'x=1;'.repeat(20_000)}` }),
]

/**
 * In the order in which they are tried.
 *
 * @type {Readonly<Record<Dialect, readonly Case[]>>}
 */
export const CASES = {
  w3c: W3C,
  b3: B3,
  b3multi: B3_MULTI,
  datadog: DATADOG,
  jaeger: JAEGER,
  'x-trace': X_TRACE,
  gcp: GCP,
  xray: XRAY,
}
