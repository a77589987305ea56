import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactUrl } from '../src/url.js'
import { countLooks } from './count-looks.js'

type Case = readonly [rule: string, url: string, expected: string]

describe('redactUrl (OpenTelemetry semantic conventions, url.full)', () => {
  it.each<Case>([
    ['user and password', 'https://user:pass@example.com/a', 'https://REDACTED:REDACTED@example.com/a'],
    ['a user alone', 'https://token@example.com', 'https://REDACTED:REDACTED@example.com'],
    ['a password with marks that should have been encoded', 'redis://u:p#s?s/@host:6379/0', 'redis://REDACTED:REDACTED@host:6379/0'],
    ['parameters with sensitive names', '/a?token=abc&page=2&api_key=x', '/a?token=REDACTED&page=2&api_key=REDACTED'],
    ['the value up to the next parameter', '/a?password=a=b/c?d&page=2', '/a?password=REDACTED&page=2'],
    ['names in percent-encoding', '/a?pass%77ord=x', '/a?pass%77ord=REDACTED'],
    ['a bare query', 'page=2&secret=x', 'page=2&secret=REDACTED'],
    ['credentials in a URL inside the query', 'https://a/?next=https://u:p@b/c', 'https://a/?next=https://REDACTED@b/c'],
    ['the same in percent-encoding', 'https://a/?next=https%3A%2F%2Fu%3Ap%40b.com', 'https://a/?next=REDACTED'],
    ['a fragment', '/cb#access_token=x&state=1', '/cb#access_token=REDACTED&state=1'],
    ['path parameters', '/a;jsessionid=x/b?c=1', '/a;jsessionid=REDACTED/b?c=1'],
    ['e-mail addresses', '/users/jo@example.com?q=jo%40example.com', '/users/REDACTED?q=REDACTED'],
    ...[
      'X-Amz-Signature',
      'X-Amz-Credential',
      'X-Amz-Security-Token',
      'AWSAccessKeyId',
      'Signature',
      'sig',
      'X-Goog-Signature',
      'x-amz-signature',
    ].map((name): Case => [name, `https://s3/a?${name}=x&b=1`, `https://s3/a?${name}=REDACTED&b=1`]),
  ])('masks %s', (_rule, url, expected) => {
    expect(redactUrl(url)).toBe(expected)
  })

  it.each([
    'https://example.com/a?page=2&sort=name#top',
    '/a@b',
    'https://example.com/@scope/pkg@1.2.3',
    '/a?token=',
    'http://[::1]:8080/a?b=c',
    '',
    '?',
    'a=b=c',
    '%%%=1',
  ])('leaves %j as it is', (url) => {
    expect(redactUrl(url)).toBe(url)
  })

  it('never throws, and leaves its own output as it is', () => {
    const part = fc.constantFrom('://', '@', '?', '&', '#', ';', '=', '/', ':', '%40', '%', 'token', 'sig', 'a', 'example.com', ' ')
    const url = fc.oneof(
      fc.array(part, { maxLength: 20 }).map((parts) => parts.join('')),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.string(),
    )
    fc.assert(
      fc.property(url, (text) => {
        const redacted = redactUrl(text)
        expect(redactUrl(redacted)).toBe(redacted)
      }),
      { seed: 11, numRuns: 2_000 },
    )
  })
  it.each(['@', '%40', 'a%40', ';token=1', '&token=1', '?token=', '=', '://', '://a:b@', '/a;b=', '#', 'token'])(
    'looks at each character a bounded number of times: %j repeated',
    (piece) => {
      const url = `http://a.example/${piece.repeat(200_000 / piece.length)}`
      expect(countLooks(() => redactUrl(url)) / url.length).toBeLessThan(300)
    },
  )
})
