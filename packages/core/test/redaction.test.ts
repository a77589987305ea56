import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactAttribute, redactAttributes, redactText } from '../src/redaction.js'
import { countLooks } from './count-looks.js'

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'

describe('redactText', () => {
  it.each([
    ['e-mail addresses', 'no user jo.doe+x@mail.example.com.', 'no user [REDACTED].'],
    ['e-mail addresses in percent-encoding', 'q=jo%40example.com', 'q=[REDACTED]'],
    ['e-mail addresses beyond ASCII', '<jürgen@müller.de>', '<[REDACTED]>'],
    ['several e-mail addresses', 'a@b.de,c@d.de', '[REDACTED],[REDACTED]'],
    ['chained e-mail addresses', 'a@b.de@c.de', '[REDACTED]'],
    ['credentials in URLs', 'connect to postgres://app:s3cret@db:5432/shop failed', 'connect to postgres://[REDACTED]@db:5432/shop failed'],
    ['a password alone in a URL', 'redis://:s3cret@cache:6379', 'redis://[REDACTED]@cache:6379'],
    ['a URL password with unencoded marks', "Invalid URL 'postgres://u:p#ss@host/db'", "Invalid URL 'postgres://[REDACTED]@host/db'"],
    ['bearer credentials', 'sent Bearer abc.DEF-123 to it', 'sent Bearer [REDACTED] to it'],
    ['basic credentials', 'sent basic dXNlcjpwYXNz', 'sent basic [REDACTED]'],
    ['JSON Web Tokens', `got ${JWT}, expired`, 'got [REDACTED], expired'],
    [
      'private keys',
      'x -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- y',
      'x -----BEGIN PRIVATE KEY-----[REDACTED]-----END PRIVATE KEY----- y',
    ],
    ['assignments', 'user=app password=hunter2, retrying', 'user=app password=[REDACTED], retrying'],
    ['assignments with spaces and arrows', "password => 'a b' token := x", "password => '[REDACTED]' token := [REDACTED]"],
    ['query strings', 'GET /a?access_token=abc&page=2', 'GET /a?access_token=[REDACTED]&page=2'],
    ['form fields in brackets', 'user[password]=abc&x=1', 'user[password]=[REDACTED]&x=1'],
    ['JSON', '{"password":"a\\"b","id":1,"apiKey":"x"}', '{"password":"[REDACTED]","id":1,"apiKey":"[REDACTED]"}'],
    ['JSON inside JSON', '{"body":"{\\"token\\":\\"abc\\",\\"id\\":1}"}', '{"body":"{\\"token\\":\\"[REDACTED]\\",\\"id\\":1}"}'],
    ['numbers in JSON', '{"cardNumber": 4111111111111111, "n": 1}', '{"cardNumber": [REDACTED], "n": 1}'],
    [
      'lists and objects',
      '{"cookies":["a=1","b=2"],"credentials":{"a":"b"},"n":1}',
      '{"cookies":[REDACTED],"credentials":[REDACTED],"n":1}',
    ],
    ['unterminated strings', '{"password":"abc', '{"password":"[REDACTED]'],
    ['inspected objects', "{ authorization: 'Bearer x', host: 'a' }", "{ authorization: '[REDACTED]', host: 'a' }"],
    ['header lines', 'Authorization: Digest a="b", c="d"\nHost: x', 'Authorization: [REDACTED]\nHost: x'],
    [
      'quoted header lines',
      `curl -H 'Authorization: Digest a="b"' -H "Cookie: a=1; b=2" x`,
      `curl -H 'Authorization: [REDACTED]' -H "Cookie: [REDACTED]" x`,
    ],
    ['cookie lines', 'Cookie: a=1; b=2\r\nHost: x', 'Cookie: [REDACTED]\r\nHost: x'],
    ['a scheme and its credential', 'token: Bearer abc, x', 'token: [REDACTED], x'],
    ['names of two words', 'API key: abc, card number: 4111', 'API key: [REDACTED], card number: [REDACTED]'],
    ["PostgreSQL's details", 'Key (card_number)=(4111 1111) already exists.', 'Key (card_number)=[REDACTED] already exists.'],
    ['command lines', 'run --password=abc PGPASSWORD=def', 'run --password=[REDACTED] PGPASSWORD=[REDACTED]'],
    ['connection strings', 'Server=a;Password=b;Database=c', 'Server=a;Password=[REDACTED];Database=c'],
    [
      'keys of nested JSON',
      '{"card":{"exp":"12/30","number":"4111","at":{"x":1}},"number":5}',
      '{"card":{"exp":"12/30","number":"[REDACTED]","at":{"x":1}},"number":5}',
    ],
    [
      'keys of objects in lists',
      '{"card":[{"exp":1},{"number":"4111"}],"number":5}',
      '{"card":[{"exp":1},{"number":"[REDACTED]"}],"number":5}',
    ],
    [
      'keys of inspected objects',
      "{ card: { number: '4111', name: 'a' }, number: 5 }",
      "{ card: { number: '[REDACTED]', name: 'a' }, number: 5 }",
    ],
    ['keys of nested JSON inside JSON', '{\\"card\\":{\\"number\\":\\"4111\\"}}', '{\\"card\\":{\\"number\\":\\"[REDACTED]\\"}}'],
    ['values that begin with a bracket', 'password=(ab)cd next', 'password=[REDACTED] next'],
  ])('masks %s', (_rule, text, expected) => {
    expect(redactText(text)).toBe(expected)
    expect(redactText(expected)).toBe(expected)
  })

  it.each([
    [
      'inserted values',
      "insert into t (name, pw) values ('jo', 'hunter2') - duplicate key",
      'insert into t (name, pw) values (?, ?) - duplicate key',
    ],
    ['values on their own', "bad row: values ('it''s', 5)", 'bad row: values (?, ?)'],
    ['conditions', "SELECT * FROM t WHERE a = 'x' AND n = 123", 'SELECT * FROM t WHERE a = ? AND n = ?'],
    ['short conditions without quotes', 'select a from t where n > 123', 'select a from t where n > ?'],
    ['updates', "update t set a = 'x' where b = 1", 'update t set a = ? where b = ?'],
    ['deletions', "delete from t where a in ('x', 'y')", 'delete from t where a in (?, ?)'],
    ['statements of several lines', "Failed: INSERT INTO t\n  VALUES\n  ('x')", 'Failed: INSERT INTO t\n  VALUES\n  (?)'],
    [
      'lists of parameters below a statement',
      'Failed query: insert into t (a) values ($1)\nparams: jo,hunter2\nx',
      'Failed query: insert into t (a) values ($1)\nparams: ?\nx',
    ],
    [
      'what stacks and their causes begin with',
      "Error: select 'x' from t\n    at f (/a.js:10:5)\nCaused by: Error: delete from t where a = 'y'\n    at g (/b.js:3:7)",
      'Error: select ? from t\n    at f (/a.js:10:5)\nCaused by: Error: delete from t where a = ?\n    at g (/b.js:3:7)',
    ],
  ])('masks the literals of SQL in a text: %s', (_rule, text, expected) => {
    expect(redactText(text)).toBe(expected)
    expect(redactText(expected)).toBe(expected)
  })

  it('masks the same in long texts', () => {
    const padding = 'lorem ipsum '.repeat(20)
    expect(redactText(`${padding}jo@example.com ${padding}`)).toBe(`${padding}[REDACTED] ${padding}`)
    expect(redactText(`${padding}${JWT}`)).toBe(`${padding}[REDACTED]`)
  })

  it.each([
    'GET /orders/:id',
    'Cannot read properties of undefined (reading "id")',
    'Unexpected token < in JSON at position 0',
    'JsonWebTokenError: invalid signature',
    'TokenExpiredError: jwt expired',
    'bearer token missing, basic authentication required',
    'Basic plan',
    'at verify (/app/src/token.js:10:5)',
    'at check (file:///app/node_modules/express@5.0.1/lib/cookie.ts:3:7)',
    '@babel/core@7.0.0 and logo@2x.png and user@localhost',
    'connect ECONNREFUSED 127.0.0.1:5432',
    'Token::parse',
    'token=null, password: undefined',
    'author: Jo, tokens: 12, token_count=5',
    'password=',
    "Update your settings: 'theme' is no option",
    "Cannot insert node: 'x' is not a child",
    "Please select 'a' or 5",
    'item 5 deleted',
    '{"values":["a",5]}',
    '2026-01-01T00:00:00.000Z level=info user.id=7',
    'HeyJude.mp3',
    '',
  ])('leaves %j as it is', (text) => {
    expect(redactText(text)).toBe(text)
  })

  it('never throws, and leaves its own output as it is', () => {
    const part = fc.constantFrom(
      'password', 'token', '=', ':', '"', "'", '\\', ' ', '@', 'a.de', '://', '/', '#', '(', ')', '[', ']', '{', '}', ',', ';', '&', '\n', 'Bearer', 'Basic', 'eyJ', '.', 'x1', '%40', 'key',
    ) // prettier-ignore
    const text = fc.oneof(
      fc.array(part, { maxLength: 25 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(text, (value) => {
        const redacted = redactText(value)
        expect(redactText(redacted)).toBe(redacted)
      }),
      { seed: 12, numRuns: 3_000 },
    )
  })

  // Looking back 256 characters per mark is the most there is; quadratic would be 100,000 looks per character.
  it.each([
    '@', 'a@', '@a.', '%40', 'a%40', 'a@b.de', '://', '://a:b/', '://a:b@', 'eyJ', 'eyJ.', 'password:', 'password="', 'password="\\', 'token=(', 'Basic ',
    'Bearer ', '\\"', 'a.', 'key: ', '=', '"password": [', '-----', 'PRIVATE KEY-----', '{', '[', '{"a":', ':   ', '1:1',
    'select ', 'update ', 'values (', "select from 'a' ", 'select from\n    at x:1:1', 'select from\nparams: x',
  ])('looks at each character a bounded number of times: %j repeated', (piece) => {
    const text = piece.repeat(200_000 / piece.length)
    expect(countLooks(() => redactText(text)) / text.length).toBeLessThan(300)
  }) // prettier-ignore
})

describe('redactAttribute', () => {
  it.each([
    ['a sensitive name', 'user.password', 'hunter2', '[REDACTED]'],
    ['a number under a sensitive name', 'card.number', 4111111111111111, '[REDACTED]'],
    ['a list under a sensitive name', 'http.request.header.authorization', ['Bearer x'], '[REDACTED]'],
    ['an e-mail address under any name', 'customer', 'jo@example.com', '[REDACTED]'],
    ['an e-mail address in a list', 'recipients', ['a', 'jo@example.com'], ['a', '[REDACTED]']],
    ['SQL literals', 'db.query.text', "SELECT 1 FROM t WHERE a = 'x'", 'SELECT ? FROM t WHERE a = ?'],
    ['SQL literals under the older name', 'db.statement', "SELECT 'x'", 'SELECT ?'],
    ['e-mail addresses in SQL identifiers', 'db.query.text', 'SELECT `jo@example.com`', 'SELECT `[REDACTED]`'],
    ['credentials in url.full', 'url.full', 'https://a:b@c/?sig=1', 'https://REDACTED:REDACTED@c/?sig=REDACTED'],
    ['credentials in the older http.url', 'http.url', 'https://a:b@c/?sig=1', 'https://REDACTED:REDACTED@c/?sig=REDACTED'],
    ['parameters of url.query', 'url.query', 'token=a&b=c', 'token=REDACTED&b=c'],
    ['parameters of queries', 'db.query.parameter.0', 'hunter2', '[REDACTED]'],
    ['parameters of other operations', 'db.operation.parameter.name', 'hunter2', '[REDACTED]'],
    ['SQL literals in messages', 'exception.message', "insert into t values ('jo')", 'insert into t values (?)'],
    ['nested card numbers', 'user', '{"card":{"number":"4111"}}', '{"card":{"number":"[REDACTED]"}}'],
    ['card numbers of a card', 'card', '{"number":"4111","exp":"12/30"}', '{"number":"[REDACTED]","exp":"12/30"}'],
    ['card numbers of cards', 'order.card', ['{"number":"4111"}', 'number: 5'], ['{"number":"[REDACTED]"}', 'number: 5']],
    ['messages', 'exception.message', 'bad password: hunter2', 'bad password: [REDACTED]'],
  ])('masks %s', (_rule, name, value, expected) => {
    expect(redactAttribute(name, value)).toEqual(expected)
  })

  it('reads the query as the database does', () => {
    expect(redactAttribute('db.query.text', 'SET user:7 Jo EX 10', 'redis')).toBe('SET user:7 ?')
    expect(redactAttribute('db.query.text', 'SELECT "a" FROM t WHERE b = "c"', 'postgresql')).toBe('SELECT "a" FROM t WHERE b = "c"')
    expect(redactAttribute('db.query.text', 'SELECT "a" FROM t WHERE b = "c"', 'mysql')).toBe('SELECT ? FROM t WHERE b = ?')
    expect(redactAttribute('db.query.text', 'SELECT "a" FROM t WHERE b = "c"')).toBe('SELECT "a" FROM t WHERE b = ?')
  })

  it.each([
    ['user.id', 'u-123'],
    ['password.changed', true],
    ['has_password', true],
    ['password', ''],
    ['gen_ai.usage.input_tokens', 120],
    ['http.request.method', 'GET'],
    ['items', [1, 2]],
    ['tags', ['a', 'b']],
  ])('lets %s pass', (name, value) => {
    expect(redactAttribute(name, value)).toBe(value)
  })
})

describe('redactAttributes', () => {
  it('returns the same object where there is nothing to mask', () => {
    const attributes = {
      'http.request.method': 'GET',
      'url.path': '/orders/7',
      'db.query.text': 'SELECT * FROM t WHERE a = $1',
      items: 3,
      tags: ['a'],
    }
    expect(redactAttributes(attributes)).toBe(attributes)
    expect(redactAttributes(attributes)).toBe(attributes)
  })

  it('masks in a copy', () => {
    const attributes = { 'user.email': 'jo@example.com', a: 1 }
    expect(redactAttributes(attributes)).toEqual({ 'user.email': '[REDACTED]', a: 1 })
    expect(attributes['user.email']).toBe('jo@example.com')
  })

  it('takes the database from the attributes, wherever it stands among them', () => {
    expect(redactAttributes({ 'db.query.text': 'SET k secret', 'db.system.name': 'redis' })['db.query.text']).toBe('SET k ?')
    expect(redactAttributes({ 'db.statement': 'SET k secret', 'db.system': 'redis' })['db.statement']).toBe('SET k ?')
  })

  it('still masks after more names than it remembers', () => {
    for (let index = 0; index < 5_000; index++) redactAttribute(`attribute-${index}`, 'x')
    expect(redactAttributes({ password: 'x', 'http.route': '/a', 'db.statement': "SELECT 'x'" })).toEqual({
      password: '[REDACTED]',
      'http.route': '/a',
      'db.statement': 'SELECT ?',
    })
  })

  it('never throws, and leaves its own output as it is', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('password', 'url.full', 'db.query.text', 'db.system.name', 'exception.message'))
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.boolean(),
      fc.array(fc.string()),
      fc.constantFrom('redis', 'mysql', "SELECT 'a@b.de'"),
    )
    fc.assert(
      fc.property(fc.dictionary(name, value), (attributes) => {
        const redacted = redactAttributes(attributes)
        expect(redactAttributes(redacted)).toEqual(redacted)
      }),
      { seed: 13, numRuns: 1_000 },
    )
  })
})

describe('what is remembered', () => {
  it('does not keep the texts alive that names and queries were found in', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const text = (index: number) => `${String(index)}${'x'.repeat(500_000)}/?`
    const usedBytes = () => (collect(), process.memoryUsage().heapUsed)
    const before = usedBytes()
    for (let index = 0; index < 40; index++) {
      redactAttribute('url.full', `${text(index)}a_long_parameter_name_${index}=1`)
      redactText(`${text(index)} a_long_name_${index}: 1`)
      const [name, query] = text(index).concat(`|a_long_attribute_name_${index}|select a from table_${index}`).split('|').slice(1)
      redactAttributes({ [name as string]: 'x', 'db.query.text': query as string })
    }
    // 160 texts of half a megabyte would be 80 MB.
    expect(usedBytes() - before).toBeLessThan(10_000_000)
  })
})
