const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b

/**
 * A function that is given a JSON text in UTF-8, piece by piece, and gives what `JSON.parse` would at most have to make of it so far:
 * the objects, lists and further elements, counted by their `{`, `[` and `,` outside of strings. What is no JSON counts as far as it is.
 */
export function createValueCounter(): (chunk: Uint8Array) => number {
  let count = 0
  let isText = false
  let isEscaped = false
  return function countValues(chunk) {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]
      if (isEscaped) isEscaped = false
      else if (byte === QUOTE) isText = !isText
      else if (isText) isEscaped = byte === BACKSLASH
      else if (byte === COMMA || byte === OPEN_BRACE || byte === OPEN_BRACKET) count++
    }
    return count
  }
}
