import { detach } from './attributes.js'
import type { Metric, Series } from './metric.js'
import type { Attributes, AttributeValue, SpanData } from './span-data.js'

/** What tells operations of one name apart: method and route, or the like. */
export interface OperationKey {
  readonly first: AttributeValue | undefined
  readonly second: AttributeValue | undefined
  readonly third: AttributeValue | undefined
}

/** One operation and its series by outcome. */
class Operation {
  readonly #first: AttributeValue | undefined
  readonly #second: AttributeValue | undefined
  readonly #third: AttributeValue | undefined
  readonly #series = new Map<AttributeValue, Series>()
  /** Another one of the same name. */
  next: Operation | undefined

  constructor(key: OperationKey, next: Operation | undefined) {
    this.#first = own(key.first)
    this.#second = own(key.second)
    this.#third = own(key.third)
    this.next = next
  }

  is(first: AttributeValue | undefined, second: AttributeValue | undefined, third: AttributeValue | undefined): boolean {
    return this.#second === second && this.#first === first && this.#third === third
  }

  find(outcome: AttributeValue): Series | undefined {
    return this.#series.get(outcome)
  }

  add(outcome: AttributeValue, series: Series): void {
    this.#series.set(own(outcome) as AttributeValue, series)
  }
}

/** The series of a metric of spans. A series that exists is found without anything being allocated. */
export class OperationTable {
  readonly #metric: Metric
  readonly #describe: (span: SpanData) => Attributes
  readonly #operations = new Map<string, Operation>()

  /** `describe` gives the attributes of a new series: what the key and the outcome stand for. */
  constructor(metric: Metric, describe: (span: SpanData) => Attributes) {
    this.#metric = metric
    this.#describe = describe
  }

  // oxlint-disable-next-line max-params -- an object for each request is what this table is there to avoid
  find(span: SpanData, first?: AttributeValue, second?: AttributeValue, third?: AttributeValue): Series {
    const outcome = outcomeOf(span)
    let operation = this.#operations.get(span.name)
    while (operation !== undefined && !operation.is(first, second, third)) operation = operation.next
    return operation?.find(outcome) ?? this.#add(span, { first, second, third }, operation)
  }

  #add(span: SpanData, key: OperationKey, known: Operation | undefined): Series {
    if (this.#metric.isFull) return this.#metric.overflow()
    const name = detach(span.name)
    const operation = known ?? new Operation(key, this.#operations.get(name))
    if (known === undefined) this.#operations.set(name, operation)
    const series = this.#metric.create(this.#describe(span))
    operation.add(outcomeOf(span), series)
    return series
  }
}

/** The status code, negative where it is an error; without one the error's type. */
function outcomeOf({ attributes, status }: SpanData): AttributeValue {
  const code = attributes['http.response.status_code']
  if (typeof code === 'number') return status === 'error' ? -code : code
  if (status === 'error') return attributes['error.type'] ?? 'error'
  return attributes['error.type'] ?? 0
}

function own(value: AttributeValue | undefined): AttributeValue | undefined {
  return typeof value === 'string' ? detach(value) : value
}
