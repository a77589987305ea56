import { setTimeout as sleep } from 'node:timers/promises'

type Row = Readonly<Record<string, string>>

interface Table {
  /** The first one is the key, and the only one with an index. */
  readonly columns: readonly string[]
  readonly rows: Row[]
  readonly byKey: Map<string, Row>
}

/** A page of a table, and how long a disk takes for it. */
const PAGE_ROWS = 500
const PAGE_MS = 20

/** A database in memory that answers as one on a disk would: at once by the key of a table, page by page by any other column. */
export function createDatabase(): { run(sql: string): Promise<readonly Row[]> } {
  const tables = new Map<string, Table>([
    ['sessions', createTable(['token', 'customer'], listSessions())],
    ['products', createTable(['sku', 'name'], listProducts())],
    ['orders', createTable(['id', 'customer', 'sku', 'total'], listOrders())],
    ['reservations', createTable(['id', 'sku'], [])],
    ['charges', createTable(['id', 'total'], [])],
  ])
  return {
    run(sql) {
      const [, selected = '', column = '', value = ''] = /^SELECT \* FROM (\w+) WHERE (\w+) = (.+)$/.exec(sql) ?? []
      const [, inserted = '', values = ''] = /^INSERT INTO (\w+) VALUES \((.+)\)$/.exec(sql) ?? []
      const table = tables.get(selected || inserted)
      if (table === undefined) throw new Error(`not understood: ${sql}`)
      const [wanted = ''] = readValues(value)
      return selected ? select(table, column, wanted) : insert(table, readValues(values))
    },
  }
}

/** `'a', 'it''s'` is `["a", "it's"]`. */
function readValues(text: string): string[] {
  return [...text.matchAll(/'((?:[^']|'')*)'/g)].map(([, value = '']) => value.replaceAll("''", "'"))
}

async function select({ columns, rows, byKey }: Table, column: string, value: string): Promise<readonly Row[]> {
  if (!columns.includes(column)) throw new Error(`no such column: ${column}`)
  if (column === columns[0]) {
    await sleep(2)
    const row = byKey.get(value)
    return row === undefined ? [] : [row]
  }
  const found: Row[] = []
  for (let start = 0; start < rows.length; start += PAGE_ROWS) {
    await sleep(PAGE_MS)
    found.push(...rows.slice(start, start + PAGE_ROWS).filter((row) => row[column] === value))
  }
  return found
}

async function insert(table: Table, values: readonly string[]): Promise<readonly Row[]> {
  await sleep(4)
  addRow(table, values)
  return []
}

function createTable(columns: readonly string[], rows: Iterable<readonly string[]>): Table {
  const table: Table = { columns, rows: [], byKey: new Map() }
  for (const values of rows) addRow(table, values)
  return table
}

function addRow({ columns, rows, byKey }: Table, values: readonly string[]): void {
  const row = Object.fromEntries(columns.map((column, index) => [column, values[index] ?? '']))
  rows.push(row)
  byKey.set(values[0] ?? '', row)
}

const CUSTOMERS = 400
const PRODUCTS = 60
const ORDERS = 50_000

function* listSessions(): Generator<readonly string[]> {
  for (let index = 0; index < CUSTOMERS; index++) yield [`session-${index}`, `customer${index}@example.com`]
}

function* listProducts(): Generator<readonly string[]> {
  for (let index = 0; index < PRODUCTS; index++) yield [`sku-${index}`, `Product ${index}`]
}

function* listOrders(): Generator<readonly string[]> {
  for (let index = 0; index < ORDERS; index++) {
    yield [`order-${index}`, `customer${index % CUSTOMERS}@example.com`, `sku-${index % PRODUCTS}`, String(10 + (index % 90))]
  }
}
