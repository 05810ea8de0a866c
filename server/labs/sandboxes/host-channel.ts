/** What a request of the API leaves open, as a channel: messages in, messages out. */
import type { HttpOutcome } from '../../../sim/index.ts'
import type { Out, Say } from './protocol.ts'
import { failureStatus } from './status.ts'

export interface Channel {
  /** Whether the other side has taken it up. */
  isOpen: boolean
  receive(say: Say): void
  /** The other side is gone. */
  close(): void
  /** This side is gone: the other is told. */
  end?(): void
  /** The cluster may have gone on. */
  moved?(): void
}

/** Output that the other side has not handed on yet; beyond it, what runs is ended. */
const mostWaitingBytes = 8 * 1024 * 1024

const tooSlow = failureStatus(500, 'InternalError', 'what was printed was not read')
const lost = failureStatus(500, 'InternalError', 'the sandbox was closed')

/** @param over told when nothing more goes through it */
export function openChannel(
  outcome: Extract<HttpOutcome, { kind: 'stream' | 'exec' | 'port-forward' }>,
  out: (out: Out) => void,
  over: () => void,
): Channel {
  /** Sent, and not taken yet. */
  let waiting = 0
  let isOver = false
  const finish = (): void => {
    if (isOver) return
    isOver = true
    over()
  }
  /** Sends, unless the other side takes too little: then `giveUp` ends what sends. */
  const send = (message: Out, bytes: number, giveUp: () => void): void => {
    if (isOver) return
    waiting += bytes
    if (waiting > mostWaitingBytes) giveUp()
    else out(message)
  }

  switch (outcome.kind) {
    case 'stream': {
      let stream: { close(reason?: 'timeout'): void } | undefined
      const channel: Channel = {
        isOpen: false,
        receive(say) {
          if (say.say === 'open' && !channel.isOpen) {
            channel.isOpen = true
            const giveUp = (): void => {
              out({ out: 'end' })
              finish()
              stream?.close()
            }
            stream = outcome.open({
              write: (text) => send({ out: 'text', text }, text.length, giveUp),
              end() {
                if (!isOver) out({ out: 'end' })
                finish()
              },
            })
            if (isOver) stream.close()
          } else if (say.say === 'taken') waiting -= say.bytes
          else if (say.say === 'close') {
            stream?.close(say.reason)
            if (say.reason === 'timeout' && !isOver) out({ out: 'end' })
            finish()
          }
        },
        close: () => stream?.close(),
        end() {
          if (!isOver) out({ out: 'end' })
          isOver = true
          stream?.close()
        },
      }
      return channel
    }
    case 'exec': {
      let input: ReturnType<typeof outcome.open> | undefined
      const channel: Channel = {
        isOpen: false,
        receive(say) {
          switch (say.say) {
            case 'open': {
              if (channel.isOpen) return
              channel.isOpen = true
              const giveUp = (): void => {
                out({ out: 'end', status: tooSlow })
                finish()
                input?.close()
              }
              input = outcome.open({
                stdout: (data) => send({ out: 'stdout', data }, data.length, giveUp),
                stderr: (data) => send({ out: 'stderr', data }, data.length, giveUp),
                end(status) {
                  if (!isOver) out({ out: 'end', status })
                  finish()
                },
              })
              if (isOver) input.close()
              return
            }
            case 'data':
              input?.write(say.data)
              out({ out: 'took', bytes: say.data.length })
              return
            case 'end':
              input?.end()
              return
            case 'resize':
              input?.resize(say.columns, say.rows)
              return
            case 'taken':
              waiting -= say.bytes
              return
            case 'close':
              input?.close()
              finish()
          }
        },
        close: () => input?.close(),
        end() {
          if (!isOver) out({ out: 'end', status: lost })
          isOver = true
          input?.close()
        },
      }
      return channel
    }
    case 'port-forward': {
      const connections = new Map<number, ReturnType<typeof outcome.connect>>()
      const channel: Channel = {
        isOpen: false,
        receive(say) {
          channel.isOpen = true
          if (say.say === 'taken') waiting -= say.bytes
          else if (say.say === 'connect') {
            const { connection, port } = say
            const giveUp = (): void => {
              connections.get(connection)?.close()
              connections.delete(connection)
              out({ out: 'error', text: 'what was sent was not read', connection })
            }
            connections.set(
              connection,
              outcome.connect(port, {
                data: (data) => send({ out: 'data', data, connection }, data.length, giveUp),
                error(text) {
                  connections.delete(connection)
                  if (!isOver) out({ out: 'error', text, connection })
                },
                end() {
                  if (!isOver) out({ out: 'end', connection })
                },
              }),
            )
          } else if (say.say === 'close' && say.connection === undefined) {
            outcome.close()
            finish()
          } else if ('connection' in say && say.connection !== undefined) {
            const { connection } = say
            const input = connections.get(connection)
            if (say.say === 'data') {
              input?.write(say.data)
              out({ out: 'took', bytes: say.data.length, connection })
            } else if (say.say === 'end') input?.end()
            else if (say.say === 'close') {
              connections.delete(connection)
              input?.close()
            }
          }
        },
        close: () => outcome.close(),
        end() {
          if (!isOver) out({ out: 'end' })
          isOver = true
          outcome.close()
        },
      }
      return channel
    }
  }
}
