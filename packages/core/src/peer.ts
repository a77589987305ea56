import type { BlockList } from 'node:net'
import { createBlockList, isIP } from './builtins.js'

/** RFC 1918, RFC 3927, RFC 4193, RFC 4291, RFC 6598: addresses that are not reached from the internet. */
const PRIVATE: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
]

let blockList: BlockList | undefined
/** Services are called by the same few peers again and again. */
let lastAddress: string | undefined
let lastAnswer = false

/** True for an address of the public internet. */
export function isPublicAddress(address: string | undefined): boolean {
  if (address === undefined) return false
  if (address !== lastAddress) {
    lastAnswer = checkAddress(address)
    lastAddress = address
  }
  return lastAnswer
}

function checkAddress(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address
  const family = isIP(plain)
  if (family === 0) return false
  blockList ??= listPrivate()
  return !blockList.check(plain, family === 4 ? 'ipv4' : 'ipv6')
}

function listPrivate(): BlockList {
  const list = createBlockList()
  for (const [network, prefix, family] of PRIVATE) list.addSubnet(network, prefix, family)
  return list
}
