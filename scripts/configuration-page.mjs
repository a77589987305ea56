// The reference page of all options and environment variables.
import { readFileSync } from 'node:fs'
import { readOptionTable } from './option-tables.mjs'
import { inRoot, listFiles } from './workspace.mjs'

/** @typedef {{ title: string, text: string, file: string, names: string[] }} Section */

/** @type {Section[]} */
export const SECTIONS = [
  {
    title: '`createTracer(options)`',
    text: 'Also the options of an adapter that makes the default tracer. An option in code wins over the environment.',
    file: 'packages/core/src/options.ts',
    names: [
      'TracerOptions',
      'SamplingOptions',
      'SamplingRule',
      'KeepOptions',
      'RecorderOptions',
      'PropagationOptions',
      'MetricOptions',
      'LimitOptions',
      'QueueOptions',
    ],
  },
  {
    title: '`expressTracing(options)`, `koaTracing(options)`, `honoTracing(options)`',
    text: 'The same for every framework.',
    file: 'packages/core/src/adapter-options.ts',
    names: ['AdapterOptions'],
  },
  { title: '`createTracedFetch(options)`', text: '', file: 'packages/core/src/traced-fetch.ts', names: ['TracedFetchOptions'] },
  { title: '`otlpExporter(options)`', text: '', file: 'packages/core/src/otlp-exporter.ts', names: ['OtlpExporterOptions'] },
  { title: '`consoleExporter(options)`', text: '', file: 'packages/core/src/console-exporter.ts', names: ['ConsoleExporterOptions'] },
  {
    title: '`createLogger(options)`, `traceMixin(options)`',
    text: 'Of `@clew/pino`. `createLogger` takes pino’s own options as well.',
    file: 'packages/pino/src/options.ts',
    names: ['LoggerTraceOptions', 'TraceLogOptions', 'FieldNames'],
  },
  { title: '`logRequests(logger, options)`', text: '', file: 'packages/pino/src/requests.ts', names: ['RequestLogOptions'] },
  {
    title: '`createServer(options)`',
    text: 'Of `@clew/server`.',
    file: 'packages/server/src/options.ts',
    names: ['ServerOptions', 'ServerLimits'],
  },
  { title: '`serve(options)`', text: '', file: 'packages/server/src/serve.ts', names: ['ServeOptions'] },
  {
    title: '`memoryStore(options)`',
    text: 'Of `@clew/store`. `openStore` takes the bounds in its URL: `memory:?maxBytes=16777216&retentionMs=3600000`.',
    file: 'packages/store/src/memory-store.ts',
    names: ['MemoryStoreOptions'],
  },
]

/** @typedef {{ name: string, file: string, meaning: string }} Variable */

const ENV = 'packages/core/src/env.ts'
const OTLP = 'packages/core/src/otlp-target.ts'
const SERVE = 'packages/cli/src/commands.ts'
const ASK = 'packages/cli/src/query-commands.ts'

/** @type {Variable[]} */
const VARIABLES = [
  { name: 'OTEL_SERVICE_NAME', file: ENV, meaning: '`service.name`; before `OTEL_RESOURCE_ATTRIBUTES` and `SERVICE_NAME`' },
  { name: 'SERVICE_NAME', file: ENV, meaning: '`service.name`, where none of the others names it' },
  {
    name: 'OTEL_RESOURCE_ATTRIBUTES',
    file: ENV,
    meaning:
      '`name=value,...`, percent-encoded: attributes of the resource, `service.version` and `deployment.environment.name` among them',
  },
  { name: 'OTEL_SDK_DISABLED', file: ENV, meaning: '`true`: nothing is recorded; received ids are still passed on' },
  { name: 'OTEL_TRACES_EXPORTER', file: ENV, meaning: '`otlp`, `console`, or `none` (ids, headers and logs only)' },
  { name: 'OTEL_METRICS_EXPORTER', file: ENV, meaning: '`otlp`, or `none` (nothing is counted); metrics go where spans go' },
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    file: OTLP,
    meaning: 'base URL of the receiver; `/v1/traces`, `/v1/metrics` and `/v1/logs` are added',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    file: OTLP,
    meaning: 'URL of the receiver of spans, used as it is; where it is the only one, no metrics and no log lines are sent',
  },
  { name: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', file: OTLP, meaning: 'URL of the receiver of metrics, used as it is' },
  { name: 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', file: OTLP, meaning: 'URL of the receiver of recorded log lines, used as it is' },
  { name: 'OTEL_EXPORTER_OTLP_HEADERS', file: OTLP, meaning: '`name=value,...`, percent-encoded: sent with every export' },
  { name: 'OTEL_EXPORTER_OTLP_TRACES_HEADERS', file: OTLP, meaning: 'the same with spans, and stronger' },
  { name: 'OTEL_EXPORTER_OTLP_METRICS_HEADERS', file: OTLP, meaning: 'the same with metrics, and stronger' },
  { name: 'OTEL_EXPORTER_OTLP_LOGS_HEADERS', file: OTLP, meaning: 'the same with log lines, and stronger' },
  { name: 'CLEW_SAMPLE_RATE', file: ENV, meaning: '0 to 1: `sampling.rate`; before `OTEL_TRACES_SAMPLER`' },
  {
    name: 'OTEL_TRACES_SAMPLER',
    file: ENV,
    meaning:
      '`always_on` (lifts `maxTracesPerSecond`), `always_off`, `traceidratio`, or one of them after `parentbased_`; without that prefix `propagation.trust` is `accept`',
  },
  { name: 'OTEL_TRACES_SAMPLER_ARG', file: ENV, meaning: '0 to 1: the rate of `traceidratio`' },
  {
    name: 'OTEL_PROPAGATORS',
    file: ENV,
    meaning:
      'a list of `tracecontext`, `b3`, `b3multi`, `datadog`, `jaeger`, `x-trace` (ours), `gcp`, `xray` and `baggage`, or `none`: `propagation.extract` and `inject`; `baggage` travels whether it is named or not',
  },
  { name: 'NODE_ENV', file: ENV, meaning: '`test`: nothing is exported unless an exporter or an endpoint is given' },
  { name: 'VITEST', file: ENV, meaning: 'set: the same' },
  { name: 'CLEW_STORE', file: SERVE, meaning: 'URL of the store of `clew serve`' },
  { name: 'CLEW_TOKEN', file: SERVE, meaning: 'token that `clew serve` asks for, and that the other commands show' },
  { name: 'CLEW_SERVER', file: ASK, meaning: 'the server that the commands ask' },
]

/** Renders the page. Throws where a variable is not read by the file that is said to read it, or is read and not described. */
export function renderConfiguration() {
  checkVariables()
  return `<!-- Generated by scripts/generate-docs.mjs from the doc blocks of the options; do not edit. -->

# Configuration

Every option, its type and its default. Nothing has to be set: \`app.use(expressTracing())\` alone works. An option that is not known or
has a wrong value throws a \`TraceError\` with \`INVALID_OPTION\` when something is created. Times and bytes carry their unit in the name.

## Environment variables

Empty ones count as absent. One that cannot be used is reported as \`INVALID_ENV\` and ignored; only the URL and the headers of the OTLP
exporter throw \`INVALID_OPTION\`.

| variable | meaning |
| --- | --- |
${VARIABLES.map(({ name, meaning }) => `| \`${name}\` | ${escapeCell(meaning)} |`).join('\n')}

${SECTIONS.map(renderSection).join('\n\n')}
`
}

function checkVariables() {
  const missing = VARIABLES.find(({ name, file }) => !namesIn([file]).includes(name))
  if (missing) throw new Error(`${missing.file} does not read ${missing.name}`)
  const sources = ['packages/core/src', 'packages/cli/src'].flatMap((folder) => listFiles(folder))
  const unknown = namesIn(sources).find((name) => !VARIABLES.some((variable) => variable.name === name))
  if (unknown) throw new Error(`The environment variable ${unknown} is read and stands in no table of scripts/configuration-page.mjs`)
}

/**
 * The names of environment variables that stand as texts in the files.
 *
 * @param {string[]} files
 */
function namesIn(files) {
  return files.flatMap((file) =>
    [...readFileSync(inRoot(file), 'utf8').matchAll(/'((?:OTEL|CLEW|SERVICE)_[A-Z_]+|NODE_ENV|VITEST)'/g)].map(([, name]) => String(name)),
  )
}

/** @param {Section} section */
function renderSection({ title, text, file, names }) {
  const tables = names.map((name) => renderTable(file, name))
  return [`## ${title}`, ...(text === '' ? [] : [text]), ...tables].join('\n\n')
}

/**
 * @param {string} file
 * @param {string} name
 */
function renderTable(file, name) {
  const { meaning, bases, options } = readOptionTable(file, name)
  const extension = bases.map((base) => ` Beside these, all of ${linkTo(base)}.`).join('')
  const rows = options.map(
    (option) => `| ${[`\`${option.name}\``, typeCell(option.type), defaultCell(option), meaningCell(option)].join(' | ')} |`,
  )
  return [
    `### ${name}`,
    meaning + extension,
    ['| option | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n')
}

/** @param {string} type */
function typeCell(type) {
  return `\`${escapeCell(type)}\``
}

/** @param {import('./option-tables.mjs').Option} option */
function defaultCell({ optional, fallback }) {
  return optional ? escapeCell(fallback ?? '') : 'required'
}

/** @param {import('./option-tables.mjs').Option} option */
function meaningCell({ name, type, meaning }) {
  if (meaning !== '') return escapeCell(meaning)
  if (SECTIONS.some(({ names }) => names.includes(type))) return `See ${linkTo(type)}.`
  throw new Error(`The option ${name} (${type}) has no doc block that says what it means`)
}

/** @param {string} name */
function linkTo(name) {
  return `[${name}](#${name.toLowerCase()})`
}

/** @param {string} text */
function escapeCell(text) {
  return text.replaceAll('|', '\\|')
}
