import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskSql } from '../src/sql.js'
import { countLooks } from './count-looks.js'

describe('maskSql, whatever the database', () => {
  it.each([
    ['strings', "SELECT * FROM users WHERE name = 'Jo'", 'SELECT * FROM users WHERE name = ?'],
    ['doubled quotes', "INSERT INTO t VALUES ('it''s', '')", 'INSERT INTO t VALUES (?, ?)'],
    ['numbers', 'SELECT 1, -2.5, .5, 1e-3, 1.5E+10, 0xFF FROM t LIMIT 10', 'SELECT ?, -?, ?, ?, ?, ? FROM t LIMIT ?'],
    ['prefixed strings', "SELECT N'a', X'ff', b'01', U&'x', e'a''b'", 'SELECT ?, ?, ?, ?, ?'],
    ['charset introducers', "SELECT _utf8'a'", 'SELECT _utf8?'],
    ['dollar quotes', 'SELECT $$a$$, $tag$ $1 $tag$, $1', 'SELECT ?, ?, $1'],
    ["Oracle's alternative quotes", "SELECT q'[it's]', Q'!it's!' FROM dual", 'SELECT ?, ? FROM dual'],
    ['unterminated strings', "SELECT 'secret", 'SELECT ?'],
    ['unterminated dollar quotes', 'SELECT $$secret', 'SELECT ?'],
    ['unterminated identifiers', 'SELECT `secret', 'SELECT ?'],
    ['unterminated double quotes', 'SELECT "secret', 'SELECT ?'],
    ['passwords in user statements', 'ALTER USER jo IDENTIFIED BY hunter2 ACCOUNT LOCK', 'ALTER USER jo IDENTIFIED BY ? ACCOUNT LOCK'],
    ['quoted passwords in user statements', 'CREATE USER jo IDENTIFIED BY "hunter2"', 'CREATE USER jo IDENTIFIED BY ?'],
    ['line comments', "SELECT a -- it's Jo\nFROM t", 'SELECT a FROM t'],
    ['block comments', "SELECT/* it's */a /* Jo */ FROM t /*traceparent='00-1'*/", 'SELECTa FROM t'],
    ['nested comments', 'SELECT a /* /* x */ secret */ FROM t', 'SELECT a FROM t'],
    ['unterminated comments', 'SELECT a /* secret', 'SELECT a'],
    ['a comment in front', '/* secret */ SELECT a', 'SELECT a'],
    ['JSON of document databases', '{"find":"users","filter":{"age":42,"name":"Jo"}}', '{"find":?,?:{"age":?,?:?}}'],
    ['lists of document databases', '{"name":{"$in":["jo smith","x y"]}}', '{"name":{"$in":[?,?]}}'],
  ])('masks %s', (_rule, text, expected) => {
    expect(maskSql(text)).toBe(expected)
  })

  it.each([
    'SELECT id, name2, t1.c2 FROM schema1.table_3 AS t1',
    'SELECT * FROM t WHERE a = $1 AND b = ? AND c = :name AND d = @p1 AND e = :1 AND f = ?1',
    'SELECT a::int4, b::varchar FROM t',
    'SELECT `order`.`id` FROM `order`',
    'SELECT "users"."name" FROM "users" WHERE "users"."id" = "orders"."user_id"',
    'SELECT a FROM t WHERE b IS NULL AND c = TRUE',
    '',
    ' ',
  ])('leaves %j as it is', (text) => {
    expect(maskSql(text)).toBe(text)
  })

  it('does not take 1:2 for a placeholder', () => {
    expect(maskSql('SELECT a[1:2], {age:42}')).toBe('SELECT a[?:?], {age:?}')
  })
})

describe('maskSql, where databases differ', () => {
  it.each([
    ['mysql', `SELECT "Jo", 'a\\'b', 5`, 'SELECT ?, ?, ?'],
    ['mariadb', "SELECT a # it's Jo\nFROM t", 'SELECT a FROM t'],
    ['mysql', "SELECT 5--1, 'x'", 'SELECT ?--?, ?'],
    ['mysql', 'SELECT a$b$c, d FROM t', 'SELECT a$b$c, d FROM t'],
    ['mysql', "SELECT 'a\\\\', 'b'", 'SELECT ?, ?'],
    ['postgresql', `SELECT "a" FROM "t" WHERE "b" = 'C:\\' AND c = 'x'`, 'SELECT "a" FROM "t" WHERE "b" = ? AND c = ?'],
    ['postgresql', "SELECT E'a\\'b', 'x'", 'SELECT ?, ?'],
    ['postgresql', "SELECT data #>> '{a,b}', a # b FROM t WHERE c = 'x'", 'SELECT data #>> ?, a # b FROM t WHERE c = ?'],
    ['postgresql', 'INSERT INTO "users" ("name", "mail") VALUES ($1, $2)', 'INSERT INTO "users" ("name", "mail") VALUES ($1, $2)'],
    ['microsoft.sql_server', "SELECT [it's], [a] FROM #new WHERE b = 'x'", "SELECT [it's], [a] FROM #new WHERE b = ?"],
    ['sqlite', 'SELECT a FROM t WHERE b = "Jo" AND "c" = 1', 'SELECT a FROM t WHERE b = ? AND ? = ?'],
    ['oracle.db', 'SELECT "a" FROM t WHERE b = "c"', 'SELECT "a" FROM t WHERE b = "c"'],
  ])('reads %s: %s', (system, text, expected) => {
    expect(maskSql(text, system)).toBe(expected)
  })

  it.each([
    [
      'double quotes where a value can stand',
      'SELECT "a" FROM t WHERE b = "Jo" OR c LIKE "J%" OR d IN ("x", "y")',
      'SELECT "a" FROM t WHERE b = ? OR c LIKE ? OR d IN (?, ?)',
    ],
    ['the rest of the text where a backslash leaves the end of a string in doubt', "SELECT 'a\\'b', 'secret', secret", 'SELECT ?'],
    ['nothing but the string where doubled backslashes leave no doubt', "SELECT 'a\\\\', b", 'SELECT ?, b'],
    ['hash comments between spaces', "SELECT a # it's\nFROM t WHERE b = 'x'", 'SELECT a FROM t WHERE b = ?'],
  ])('masks, with the database unknown, %s', (_rule, text, expected) => {
    expect(maskSql(text)).toBe(expected)
    expect(maskSql(text, 'some-database')).toBe(expected)
  })
})

describe('maskSql on any text', () => {
  const systems = [undefined, 'postgresql', 'mysql', 'sqlite', 'mssql', 'oracle']
  const sql = fc.array(
    fc.oneof(
      fc.constantFrom(' ', "'", '"', '`', '\\', '$$', '$a$', '--', '/*', '*/', '#', '\n', '=', '(', ',', '[', ']', "e'", "q'[", '1', 'x'),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 30 },
  )

  it('never throws and never grows', () => {
    fc.assert(
      fc.property(sql, fc.constantFrom(...systems), (parts, system) => {
        const text = parts.join('')
        expect(maskSql(text, system).length).toBeLessThanOrEqual(text.length)
      }),
      { seed: 9, numRuns: 2_000 },
    )
  })

  it('lets no part of a well-formed literal through', () => {
    const quote = (value: string): string => `'${value.replaceAll("'", "''")}'`
    const secret = fc.stringMatching(/^[a-z' ,()"#*/;-]{0,12}$/).map((text) => `SECRET${text}SECRET`)
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 5 }), fc.constantFrom(...systems), (secrets, system) => {
        const masked = maskSql(`INSERT INTO t (a) VALUES (${secrets.map(quote).join(', ')}) RETURNING id`, system)
        expect(masked).toBe(`INSERT INTO t (a) VALUES (${secrets.map(() => '?').join(', ')}) RETURNING id`)
      }),
      { seed: 10, numRuns: 500 },
    )
  })
  it.each(['"', '" ', '$x ', '$ab$', '"a".', '="a.', '=""', '`', '[', "'", "\\'", '/*', '--', "q'", '1e', '_a', '$'])(
    'looks at each character a bounded number of times: %j repeated',
    (piece) => {
      const text = `SELECT ${piece.repeat(200_000 / piece.length)}`
      for (const system of systems) expect(countLooks(() => maskSql(text, system)) / text.length).toBeLessThan(300)
    },
  )
})
