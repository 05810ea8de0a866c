/** A command that names what is not there, or cannot be read: nothing was done, and its message says why. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused'
}
