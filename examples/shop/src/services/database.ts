import { withSpan } from '@clew/core'

const DATABASE = new URL(process.env.DATABASE_URL ?? 'http://localhost:3010')

/** A row as the database returns it: values by column. */
export type Row = Readonly<Record<string, string>>

/** Writes a query with its values in it, as some libraries do. clew masks them: they do not leave the process in a span. */
export function sql(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: parts }, ...values.map((value) => `'${value.replaceAll("'", "''")}'`))
}

/** Runs a query inside a span that says what was asked of which database. */
export async function query(text: string): Promise<readonly Row[]> {
  const [, operation = 'QUERY', table = ''] = /^(\w+).*? (?:FROM|INTO) (\w+)/.exec(text) ?? []
  const attributes = {
    'db.system.name': 'other_sql',
    'db.namespace': 'shop',
    'db.operation.name': operation,
    'db.collection.name': table,
    'db.query.text': text,
    'server.address': DATABASE.hostname,
    'server.port': Number(DATABASE.port),
  }
  return withSpan(`${operation} ${table}`, { kind: 'client', attributes }, async (span) => {
    const response = await fetch(new URL('/sql', DATABASE), { method: 'POST', body: text })
    if (!response.ok) throw new Error(`The database refused the query: ${await response.text()}`)
    const rows = (await response.json()) as readonly Row[]
    span.setAttribute('db.response.returned_rows', rows.length)
    return rows
  })
}
