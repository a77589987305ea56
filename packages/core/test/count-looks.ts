/** Makes a method of strings count how many characters it looks at. Returns what puts the old one back. */
function count(
  method: 'charCodeAt' | 'indexOf' | 'includes' | 'lastIndexOf',
  add: (result: unknown, text: string, args: unknown[]) => void,
) {
  const original = String.prototype[method] as (...args: unknown[]) => unknown
  const counting = function counting(this: string, ...args: unknown[]): unknown {
    const result = original.apply(this, args)
    add(result, this, args)
    return result
  }
  Object.defineProperty(String.prototype, method, { value: counting, configurable: true, writable: true })
  return () => Object.defineProperty(String.prototype, method, { value: original, configurable: true, writable: true })
}

/**
 * How many characters `fn` looks at with `charCodeAt` and the searches of strings: what a scan costs, whatever the machine.
 * Regular expressions and `text[index]` are not counted.
 */
export function countLooks(fn: () => void): number {
  let looks = 0
  const restore = [
    count('charCodeAt', () => void looks++),
    count('indexOf', (result, text, [, from]) => {
      const start = Number(from ?? 0)
      looks += (result === -1 ? text.length : (result as number)) - start + 1
    }),
    count('includes', (_result, text, [wanted, from]) => {
      const start = Number(from ?? 0)
      const rest = text.slice(start).split(String(wanted), 1)[0] as string
      looks += rest.length + 1
    }),
    count('lastIndexOf', (result, text) => void (looks += text.length - Math.max(0, result as number))),
  ]
  try {
    fn()
  } finally {
    for (const undo of restore) undo()
  }
  return looks
}
