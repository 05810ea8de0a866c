/** What the programs that look names up have in common. */
import type { DnsReply, RecordType } from '../../network/types.ts'
import type { Process, Wait } from '../../runtime/process.ts'

export const isAddress = (text: string | undefined): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(text ?? '')

/** `10.96.0.1` as the name under which its PTR record stands. */
export const reverseName = (address: string): string => `${address.split('.').reverse().join('.')}.in-addr.arpa`

/** Asks for one name as it is. */
export const askName = (process: Process, name: string, type: RecordType): Wait<DnsReply> => ({
  start: (resume) => process.network.query(name, type, resume),
})
