/** Somebody with a browser of their own, at an address of their own: keeps the cookie, sends the form token. */
import { Agent, type IncomingMessage, request } from 'node:http'

export interface Answer {
  /** 0 when none came: the connection broke, or it took too long. */
  status: number
  headers: IncomingMessage['headers']
  /** The beginning of the body. */
  text: string
  bytes: number
  ms: number
  /** Why there is no whole answer. */
  problem?: string
}

export interface Asked {
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** After so long the connection is cut. */
  timeoutMs?: number
  /** Of a stream: how long it is listened to after its first bytes. */
  listenMs?: number
}

export interface Upload {
  field: string
  fileName: string
  content: string
}

const keptCharacters = 400_000
const usualTimeoutMs = 60_000

export class Visitor {
  site: string
  /** As the proxy in front of the site tells it. */
  readonly address: string
  cookie = ''
  token = ''
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 })

  constructor(site: string, address: string) {
    this.site = site
    this.address = address
  }

  /** Makes the session. @throws when the site gives none */
  async enter(): Promise<this> {
    const { headers, text, status } = await this.get('/help')
    this.cookie = String(headers['set-cookie'] ?? '').split(';')[0]!
    this.token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
    if (this.cookie === '' || this.token === '') throw new Error(`no session at ${this.site}: status ${status}`)
    return this
  }

  get(path: string, asked: Asked = {}): Promise<Answer> {
    return this.ask('GET', path, asked)
  }

  /** A form as a browser without script sends it. */
  post(path: string, fields: Record<string, string> = {}, file?: Upload, asked: Asked = {}): Promise<Answer> {
    const headers = { ...asked.headers, 'x-csrf-token': this.token }
    if (!file) {
      const body = new URLSearchParams({ _csrf: this.token, ...fields }).toString()
      return this.ask('POST', path, {
        ...asked,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body,
      })
    }
    const boundary = '----a-form-of-the-tools'
    const parts = Object.entries({ _csrf: this.token, ...fields }).map(
      ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    const { field, fileName, content } = file
    parts.push(
      `--${boundary}\r\ncontent-disposition: form-data; name="${field}"; filename="${fileName}"\r\ncontent-type: application/octet-stream\r\n\r\n${content}\r\n--${boundary}--\r\n`,
    )
    return this.ask('POST', path, {
      ...asked,
      headers: { ...headers, 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: parts.join(''),
    })
  }

  /** Never throws: what goes wrong with the connection is told in the answer. */
  ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const { headers = {}, body, timeoutMs = usualTimeoutMs, listenMs } = asked
    const startMs = performance.now()
    return new Promise((done) => {
      let answer: IncomingMessage | undefined
      let text = ''
      let bytes = 0
      let listening: NodeJS.Timeout | undefined
      const finish = (problem?: string): void => {
        clearTimeout(timer)
        clearTimeout(listening)
        done({
          status: answer?.statusCode ?? 0,
          headers: answer?.headers ?? {},
          text,
          bytes,
          ms: performance.now() - startMs,
          ...(problem === undefined ? {} : { problem }),
        })
      }
      const timer = setTimeout(() => {
        finish(`no whole answer within ${timeoutMs} ms`)
        req.destroy()
      }, timeoutMs)
      let req: ReturnType<typeof request>
      try {
        req = request(new URL(this.site), {
          method,
          // As it is: a hostile path is not put in order first.
          path,
          agent: this.#agent,
          headers: {
            'x-forwarded-for': this.address,
            ...(this.cookie ? { cookie: this.cookie } : {}),
            ...headers,
            ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          },
        })
      } catch (error) {
        // A path or header that Node's client refuses to send.
        return finish(`not sent: ${(error as Error).message}`)
      }
      req.on('error', (error) => finish(error.message))
      req.on('response', (came) => {
        answer = came
        if (listenMs !== undefined)
          listening = setTimeout(() => {
            finish()
            req.destroy()
          }, listenMs)
        came.setEncoding('utf8')
        came.on('data', (part: string) => {
          bytes += Buffer.byteLength(part)
          if (text.length < keptCharacters) text += part
        })
        came.on('end', () => finish())
        came.on('error', (error) => finish(error.message))
      })
      req.on('upgrade', (came, socket) => {
        answer = came
        socket.destroy()
        finish()
      })
      req.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
