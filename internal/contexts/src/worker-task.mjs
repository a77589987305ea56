/** @param {unknown} value */
export function echo(value) {
  return value
}
