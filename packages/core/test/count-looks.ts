type Method = 'charCodeAt' | 'indexOf' | 'includes' | 'lastIndexOf'

const prototype: object = String.prototype

/** Tells `add` of every call of a method of strings. Returns what ends that. */
function watch(method: Method, add: (result: unknown, text: string, args: unknown[]) => void): () => void {
  const original = String.prototype[method] as (...args: unknown[]) => unknown
  const watched = function watched(this: string, ...args: unknown[]): unknown {
    const result = original.apply(this, args)
    add(result, this, args)
    return result
  }
  const put = (value: unknown): unknown => Object.defineProperty(prototype, method, { value, configurable: true, writable: true })
  put(watched)
  return () => void put(original)
}

/**
 * How many characters `fn` looks at with `charCodeAt` and the searches of strings: what a scan costs, whatever the machine.
 * Regular expressions and `text[index]` are not counted.
 */
export function countLooks(fn: () => void): number {
  let looks = 0
  const restore = [
    watch('charCodeAt', () => void looks++),
    watch('indexOf', (result, text, [, from]) => {
      const start = Number(from ?? 0)
      looks += (result === -1 ? text.length : (result as number)) - start + 1
    }),
    watch('includes', (_result, text, [wanted, from]) => {
      const start = Number(from ?? 0)
      const rest = text.slice(start).split(String(wanted), 1)[0] as string
      looks += rest.length + 1
    }),
    watch('lastIndexOf', (result, text) => void (looks += text.length - Math.max(0, result as number))),
  ]
  try {
    fn()
  } finally {
    for (const undo of restore) undo()
  }
  return looks
}
