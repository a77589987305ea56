/** Commands whose first argument is a secret, a script or a subcommand rather than a key. */
const COMMANDS_WITHOUT_KEY: ReadonlySet<string> = new Set(
  'ACL AUTH CLIENT CLUSTER COMMAND CONFIG DEBUG ECHO EVAL EVALSHA EVALSHA_RO EVAL_RO FCALL FCALL_RO FUNCTION HELLO INFO LATENCY MEMORY MIGRATE MODULE MONITOR PING REPLICAOF SCRIPT SLAVEOF SELECT SENTINEL SLOWLOG'.split(
    ' ',
  ),
)

/**
 * Masks the arguments of Redis commands, one per line: the command and its key stay, the rest becomes one `?`.
 *
 * @example
 * maskRedisCommand('SET user:7 {"name":"Jo"} EX 10') // 'SET user:7 ?'
 * maskRedisCommand('AUTH hunter2') // 'AUTH ?'
 */
export function maskRedisCommand(text: string): string {
  return text.includes('\n') ? text.split('\n').map(maskLine).join('\n') : maskLine(text)
}

function maskLine(line: string): string {
  const commandEnd = line.indexOf(' ')
  if (commandEnd === -1) return line
  const command = line.slice(0, commandEnd)
  if (COMMANDS_WITHOUT_KEY.has(command.toUpperCase())) return `${command} ?`
  const keyEnd = endOfKey(line, commandEnd + 1)
  if (keyEnd === -1) return `${command} ?`
  return keyEnd >= line.length ? line : `${line.slice(0, keyEnd)} ?`
}

/** -1 for a quoted key that never ends: what belongs to it cannot be told. */
function endOfKey(line: string, start: number): number {
  const quote = line[start]
  if (quote === '"' || quote === "'") {
    const closing = line.indexOf(quote, start + 1)
    return closing === -1 ? -1 : closing + 1
  }
  const space = line.indexOf(' ', start)
  return space === -1 ? line.length : space
}
