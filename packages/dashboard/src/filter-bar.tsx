import { parseDuration } from '@clew/analysis'
import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { fetchOperations } from './api.js'
import { useLoaded } from './load.js'
import { SINCE, countConditions, toField } from './query.js'
import type { TraceFilter } from './query.js'
import { serviceNames } from './services.js'

const SINCE_LABELS: Readonly<Record<(typeof SINCE)[number], string>> = {
  '15m': '15 minutes',
  '1h': 'hour',
  '6h': '6 hours',
  '24h': '24 hours',
}

interface FilterProps {
  readonly filter: TraceFilter
  /** Called with the whole new filter. */
  readonly change: (filter: TraceFilter) => void
}

/** The conditions of the list. Every change shows at once and stands in the address. */
export function FilterBar({ filter, change, children }: FilterProps & { children: ComponentChildren }): JSX.Element {
  const [open, setOpen] = useState(false)
  const conditions = countConditions(filter)
  return (
    <div class="filters">
      <button type="button" class="button filter-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        Filters{conditions > 0 && ` (${conditions})`}
      </button>
      <div class={`filter-fields ${open ? 'open' : ''}`} role="group" aria-label="Filters">
        <ServiceField filter={filter} change={change} />
        <OperationField key={`${filter.service}/${filter.operation}`} filter={filter} change={change} />
        <StatusField filter={filter} change={change} />
        <DurationField key={filter.minDuration} filter={filter} change={change} />
        <SinceField filter={filter} change={change} />
        {conditions > 0 && (
          <button type="button" class="button plain" onClick={() => change(filter.order ? { order: filter.order } : {})}>
            Clear
          </button>
        )}
      </div>
      <div class="filter-actions">
        <OrderField filter={filter} change={change} />
        {children}
      </div>
    </div>
  )
}

/** A filter with one field changed; an empty value takes the condition away. */
function withField<Name extends keyof TraceFilter>(
  filter: TraceFilter,
  name: Name,
  value: TraceFilter[Name] | '' | undefined,
): TraceFilter {
  const { [name]: _old, ...rest } = filter
  return value === undefined || value === '' ? rest : { ...rest, [name]: value }
}

/** What is being typed stays when the page around it is drawn anew, as it is whenever an answer arrives. */
function useDraft(value: string): { value: string; onInput: (event: JSX.TargetedInputEvent<HTMLInputElement>) => void } {
  const [text, setText] = useState<string>()
  return { value: text ?? value, onInput: (event) => setText(event.currentTarget.value) }
}

function ServiceField({ filter, change }: FilterProps): JSX.Element {
  const names = new Set([...serviceNames.value, ...(filter.service ? [filter.service] : [])])
  const pick = (service: string): void => change(withField(withField(filter, 'operation', ''), 'service', service))
  return (
    <label class="field">
      <span>Service</span>
      <select value={filter.service ?? ''} onChange={(event) => pick(event.currentTarget.value)}>
        <option value="">All services</option>
        {[...names].map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

function OperationField({ filter, change }: FilterProps): JSX.Element {
  const { service } = filter
  const operations = useLoaded(`operations ${service}`, async (signal) =>
    service === undefined ? { ok: true, value: { items: [] } } : fetchOperations(service, signal),
  ).answer
  const names = new Set(operations?.ok ? operations.value.items.map((operation) => operation.name) : [])
  const draft = useDraft(filter.operation ?? '')
  return (
    <label class="field wide">
      <span>Operation or path</span>
      <input
        type="search"
        {...draft}
        placeholder="GET /orders/:id"
        list="operations"
        autocomplete="off"
        spellcheck={false}
        onChange={(event) => change(withField(filter, 'operation', event.currentTarget.value.trim()))}
      />
      <datalist id="operations">
        {[...names].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  )
}

function StatusField({ filter, change }: FilterProps): JSX.Element {
  return (
    <Choice
      label="Status"
      options={{ '': 'All', error: 'Failed', ok: 'Ok' }}
      value={filter.status ?? ''}
      pick={(status) => change(withField(filter, 'status', status))}
    />
  )
}

function DurationField({ filter, change }: FilterProps): JSX.Element {
  const [wrong, setWrong] = useState(false)
  const draft = useDraft(filter.minDuration === undefined ? '' : toField(filter.minDuration))
  const read = (text: string): void => {
    const minDuration = parseDuration(text)
    setWrong(text.trim() !== '' && minDuration === undefined)
    if (text.trim() === '' || minDuration !== undefined) change(withField(filter, 'minDuration', minDuration))
  }
  return (
    <label class="field short">
      <span>At least</span>
      <input
        type="text"
        {...draft}
        placeholder="500 ms"
        aria-invalid={wrong}
        title={wrong ? 'A duration such as 250, 250 ms, 1.5 s or 2 min' : undefined}
        onChange={(event) => read(event.currentTarget.value)}
      />
    </label>
  )
}

function SinceField({ filter, change }: FilterProps): JSX.Element {
  const pick = (text: string): void =>
    change(
      withField(
        filter,
        'since',
        SINCE.find((value) => value === text),
      ),
    )
  return (
    <label class="field">
      <span>Within the last</span>
      <select value={filter.since ?? ''} onChange={(event) => pick(event.currentTarget.value)}>
        <option value="">Any time</option>
        {SINCE.map((value) => (
          <option key={value} value={value}>
            {SINCE_LABELS[value]}
          </option>
        ))}
      </select>
    </label>
  )
}

function OrderField({ filter, change }: FilterProps): JSX.Element {
  return (
    <Choice
      label="Order"
      options={{ '': 'Newest', slowest: 'Slowest' }}
      value={filter.order ?? ''}
      pick={(order) => change(withField(filter, 'order', order))}
    />
  )
}

interface ChoiceProps<Value extends string> {
  readonly label: string
  readonly options: Readonly<Record<Value, string>>
  readonly value: Value
  readonly pick: (value: Value) => void
}

/** A few values of which one holds: radio buttons, drawn as one control. */
function Choice<Value extends string>({ label, options, value, pick }: ChoiceProps<Value>): JSX.Element {
  return (
    <fieldset class="field choice">
      <legend>{label}</legend>
      <div class="choice-options">
        {(Object.entries(options) as [Value, string][]).map(([option, text]) => (
          <label key={option}>
            <input type="radio" name={label} value={option} checked={option === value} onChange={() => pick(option)} />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
