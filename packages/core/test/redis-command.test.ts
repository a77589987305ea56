import { describe, expect, it } from 'vitest'
import { maskRedisCommand } from '../src/redis-command.js'

describe('maskRedisCommand', () => {
  it.each([
    ['keeps command and key', 'SET user:7 {"name":"Jo"} EX 10', 'SET user:7 ?'],
    ['keeps a command with a key alone', 'GET user:7', 'GET user:7'],
    ['keeps a command alone', 'PING', 'PING'],
    ['keeps a quoted key whole', 'SET "user 7" Jo', 'SET "user 7" ?'],
    ['masks an unterminated quote with the rest', 'SET "user 7', 'SET ?'],
    ['masks passwords', 'AUTH default hunter2', 'AUTH ?'],
    ['masks passwords in lower case', 'auth hunter2', 'auth ?'],
    ['masks configuration', 'CONFIG SET requirepass hunter2', 'CONFIG ?'],
    ['masks scripts', 'EVAL "return 1" 0', 'EVAL ?'],
    ['masks each command of a pipeline', 'SET a 1\nGET b\nHSET c d e', 'SET a ?\nGET b\nHSET c ?'],
  ])('%s', (_rule, text, expected) => {
    expect(maskRedisCommand(text)).toBe(expected)
  })
})
