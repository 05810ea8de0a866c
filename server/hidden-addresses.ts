/** What opens something does not reach a log, wherever in a line it stands. */

/** Whoever has one of these addresses is let in: to a sandbox, as a candidate, a reviewer or an instructor, into a room, to what somebody shared. */
const opening = /\/(k8s|c|review|lead|p|j|shared|runs|daily\/of)\/[A-Za-z0-9_~.%-]+/g
/** Of a database, a mail server, or a proxy. */
const password = /(\w+:\/\/[^\s:/@"\\]*):[^\s/@"\\]+@/g
/** What signs somebody in, and what a provider hands over. A link that the operator is to hand on stands in a line of its own. */
const fields = /\b(podium(?:-known|-before)?|code|state|id_token|client_secret|_csrf|passphrase)=[^\s&;"\\]+/g
const token = /\btoken=[^\s&;"\\]+/g
const handedOn = /"msg":"sign-in link for /

/** The line without them. */
export function hideAddresses(line: string): string {
  const hidden = line.replace(opening, '/$1/(hidden)').replace(password, '$1:(hidden)@').replace(fields, '$1=(hidden)')
  return handedOn.test(line) ? hidden : hidden.replace(token, 'token=(hidden)')
}
