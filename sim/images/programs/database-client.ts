/** What the clients of databases share. */
import type { TcpResult } from '../../network/types.ts'
import type { Process, Wait } from '../../runtime/process.ts'

/** Connects, sends a text and resumes with the answer; two minutes at most, as the kernel tries. */
export const connectTo = (
  process: Process,
  host: string,
  port: number,
  input: string | undefined,
  timeoutMs = 127_000,
): Wait<TcpResult> => ({
  start: (resume) => process.network.tcp({ host, port }, input, timeoutMs, resume),
})
