/** How one family of databases reads what the standard leaves open. Undefined means "not known": then privacy decides. */
export interface SqlRules {
  /** A backslash escapes the next character of a string. */
  readonly backslash: boolean | undefined
  /** `"..."` is a string. */
  readonly doubleQuotedStrings: boolean | undefined
  /** `#` begins a comment. */
  readonly hashComments: boolean | undefined
  /** `$tag$...$tag$` is a string. */
  readonly dollarQuotes: boolean
  /** `--` begins a comment only in front of white space. */
  readonly spaceAfterDashes: boolean
  /** A comment can hold comments. */
  readonly nestedComments: boolean
  /** `[...]` is an identifier. */
  readonly bracketIdentifiers: boolean
}

const UNKNOWN: SqlRules = {
  backslash: undefined,
  doubleQuotedStrings: undefined,
  hashComments: undefined,
  dollarQuotes: true,
  spaceAfterDashes: false,
  nestedComments: true,
  bracketIdentifiers: false,
}
const POSTGRES: SqlRules = { ...UNKNOWN, backslash: false, doubleQuotedStrings: false, hashComments: false }
const MYSQL: SqlRules = {
  backslash: true,
  doubleQuotedStrings: true,
  hashComments: true,
  dollarQuotes: false,
  spaceAfterDashes: true,
  nestedComments: false,
  bracketIdentifiers: false,
}
const SQLITE: SqlRules = { ...UNKNOWN, backslash: false, hashComments: false, dollarQuotes: false, nestedComments: false }
const SQL_SERVER: SqlRules = { ...SQLITE, nestedComments: true, bracketIdentifiers: true }
const ORACLE: SqlRules = { ...SQLITE, doubleQuotedStrings: false }

const RULES: ReadonlyMap<string, SqlRules> = new Map([
  ['postgresql', POSTGRES],
  ['postgres', POSTGRES],
  ['cockroachdb', POSTGRES],
  ['mysql', MYSQL],
  ['mariadb', MYSQL],
  ['sqlite', SQLITE],
  ['mssql', SQL_SERVER],
  ['microsoft.sql_server', SQL_SERVER],
  ['oracle', ORACLE],
  ['oracle.db', ORACLE],
])

/** The rules of a database by its `db.system.name`, or by the older `db.system`. */
export function findSqlRules(system: string | undefined): SqlRules {
  return (system === undefined ? undefined : RULES.get(system)) ?? UNKNOWN
}
