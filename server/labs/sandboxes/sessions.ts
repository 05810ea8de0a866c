/**
 * What comes of a request, as the transports see it: the outcomes of `sim/rest/types.ts`, which may live in another process. Whoever cannot
 * take more at once says so by a promise, and is given more when it is kept; a process may be lost.
 */
import type * as sim from '../../../sim/index.ts'

/** A promise of having taken what was given; nothing where it is taken at once. */
export type Taken = Promise<void> | void

/** With members that may ask to wait. */
type Waiting<T, Names extends keyof T> = Omit<T, Names> & Record<Names, (data: Uint8Array) => Taken>

export type HttpAnswer = sim.HttpAnswer

export interface HttpStream extends Omit<sim.HttpStream, 'open'> {
  open(sink: StreamSink): ReturnType<sim.HttpStream['open']>
}
export interface StreamSink extends Omit<sim.StreamSink, 'write'> {
  write(text: string): Taken
}

export interface ExecSession extends Omit<sim.ExecSession, 'open'> {
  open(sink: ExecSink): ExecInput
}
export type ExecSink = Waiting<sim.ExecSink, 'stdout' | 'stderr'>
export type ExecInput = Waiting<sim.ExecInput, 'write'>

export interface PortForwardSession extends Omit<sim.PortForwardSession, 'connect'> {
  connect(port: number, sink: ConnectionSink): ConnectionInput
  /** Told when there is nobody left to connect to: the process is gone, or the sandbox. */
  whenLost?(act: () => void): void
}
export type ConnectionSink = Waiting<sim.ConnectionSink, 'data'>
export type ConnectionInput = Waiting<sim.ConnectionInput, 'write'>

export type Outcome = HttpAnswer | HttpStream | ExecSession | PortForwardSession | sim.NoAnswer
