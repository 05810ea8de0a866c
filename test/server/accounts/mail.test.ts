import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { createMail } from '../../../server/accounts/mail.ts'

/** A mail server that takes letters, or refuses who they are for. */
async function mailServer(takes: boolean) {
  const heard: string[] = []
  const server = createServer((socket) => {
    let isData = false
    const say = (line: string) => socket.write(`${line}\r\n`)
    say('220 test')
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard.push(text)
      if (isData) {
        if (!text.endsWith('\r\n.\r\n')) return
        isData = false
        return say('250 taken')
      }
      if (/^EHLO/.test(text)) return say('250 test')
      if (/^RCPT/.test(text) && !takes) return say('550 no ann@example.org here')
      if (/^DATA/.test(text)) {
        isData = true
        return say('354 go on')
      }
      if (/^QUIT/.test(text)) return socket.end('221 bye\r\n')
      say('250 ok')
    })
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const mail = createMail({
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}/?ignoreTLS=true`,
    from: 'Podium <podium@example.org>',
  })
  return { mail, heard: () => heard.join(''), close: () => server.close() }
}

test('a letter reaches the mail server for the one address that it is for, whatever is written in it', async () => {
  const { mail, heard, close } = await mailServer(true)
  await mail.send({ to: 'ann@example.org', subject: 'Sign in: maple', text: 'https://podium.example.org/x\n' })
  close()
  assert.match(
    heard(),
    /MAIL FROM:<podium@example\.org>[\s\S]*RCPT TO:<ann@example\.org>[\s\S]*Subject: Sign in: maple/,
  )
  assert.match(heard(), /https:\/\/podium\.example\.org\/x/)
  assert.equal(heard().match(/RCPT/g)?.length, 1)
})

test('a letter that is refused is told of without its address', async () => {
  const { mail, close } = await mailServer(false)
  await assert.rejects(
    mail.send({ to: 'ann@example.org', subject: 's', text: 't' }),
    (error: Error) => error.name === 'MailFailed' && /550/.test(error.message) && !/ann|example/.test(error.message),
  )
  close()
})
