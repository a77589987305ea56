import { detach } from './attributes.js'

const CACHE_LIMIT = 2_000
const CACHED_NAME_LENGTH = 128

/** Words that name a secret or a person wherever they stand in a name. */
const SECRET_WORDS: ReadonlySet<string> = new Set(
  (
    'password passwords passwd pwd passphrase passcode secret secrets token authorization cookie cookies credential credentials ' +
    'jwt otp totp cvv cvv2 cvc cvc2 ssn iban email emails jsessionid phpsessid'
  ).split(' '),
)

/** The same, where a name is written without any separator: `userpassword`, `xapikey`. */
const SECRET_STEMS: readonly string[] = (
  'password passwd passphrase apikey privatekey accesskey secretkey accesstoken authtoken refreshtoken idtoken clientsecret ' +
  'sessionid cardnumber creditcard authorization credential setcookie useremail emailaddress'
).split(' ')

/** Words that name a secret only together with a word before them, each with a blank on either side. Made of texts, as it is made at every start. */
const SECRET_PAIRS: ReadonlyMap<string, string> = new Map([
  ['key', ' api access private secret signing encryption master ssh auth session account shared subscription license '],
  ['keys', ' api access private secret signing encryption ssh auth '],
  ['tokens', ' access refresh auth api bearer session csrf device push id '],
  ['number', ' card account routing passport security phone cc '],
  ['no', ' card account passport '],
  ['num', ' card account cc '],
  ['card', ' credit debit '],
  ['security', ' social '],
  ['code', ' security verification mfa pin otp '],
  ['pin', ' card user '],
  ['pass', ' user db auth smtp redis mysql '],
  ['id', ' session sess '],
  ['sid', ' connect '],
  ['string', ' connection '],
  ['mail', ' e '],
])

/** Names that say it all by themselves, but only as the whole name (`x-auth`), as they are part of many harmless ones. */
const SECRET_WHOLE_NAMES: ReadonlySet<string> = new Set(['auth', 'pass', 'pin', 'sid', 'x auth', 'http auth', 'basic auth', 'proxy auth'])

/** What is said *about* a secret: its number, its kind, its age. The word in front of one of these names no secret. */
const HARMLESS_AFTER: ReadonlySet<string> = new Set(
  (
    'count counts length len size min max type kind limit budget bucket usage used expiry expires expired expiration ttl age version policy rule rules ' +
    'enabled required present valid invalid verified validated missing mismatch status name names arn attempt attempts changed created updated at ' +
    'url uri endpoint field source provider template method algorithm format strength consent domain path ' +
    'error errors exception failed failure failures reason queue service worker job sent delivery campaign middleware parser handler'
  ).split(' '),
)

/** Says of a name whether its values are to be masked. */
export type NameTest = (name: string) => boolean

/** The test with a memory for the answers about short names, as the same ones come again and again. */
export function rememberNames(test: NameTest): NameTest {
  const answers = new Map<string, boolean>()
  return function testName(name) {
    const known = answers.get(name)
    if (known !== undefined) return known
    const answer = test(name)
    if (name.length <= CACHED_NAME_LENGTH) {
      if (answers.size >= CACHE_LIMIT) answers.clear()
      answers.set(detach(name), answer)
    }
    return answer
  }
}

const hasSecret = rememberNames((name) => hasSecretWord(toWords(name)))

/**
 * True if a name (of an attribute, a header, a query parameter, a JSON key) says that its value is a secret or identifies a person:
 * `password`, `http.request.header.set-cookie`, `userEmail`, `AWSAccessKeyId`. False for what only speaks about one (`token_count`)
 * and for names that merely look alike (`author`, `db.collection.name`).
 *
 * @example
 * isSensitiveName('card_number') // true
 * isSensitiveName('gen_ai.usage.input_tokens') // false
 */
export function isSensitiveName(name: string): boolean {
  return hasSecret(name)
}

/** Splits `userEmail`, `user_email`, `user-email`, `user.email` and `AWSAccessKeyId` into words in lower case. */
export function toWords(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}

function hasSecretWord(words: readonly string[]): boolean {
  if (words.length <= 2 && SECRET_WHOLE_NAMES.has(words.join(' '))) return true
  return words.some((word, index) => {
    const next = words[index + 1] ?? ''
    if (isSecretWord(word)) return !HARMLESS_AFTER.has(next)
    return SECRET_PAIRS.get(next)?.includes(` ${word} `) === true && !HARMLESS_AFTER.has(words[index + 2] ?? '')
  })
}

function isSecretWord(word: string): boolean {
  return SECRET_WORDS.has(word) || SECRET_STEMS.some((stem) => word.includes(stem))
}
