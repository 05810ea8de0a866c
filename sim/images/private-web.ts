/** A web server in a private repository: whoever pulls it needs a Secret with its name and password. */
import type { Image } from '../runtime/process.ts'
import { nginx } from './nginx.ts'

export const privateWeb: Image = {
  ...nginx,
  repositories: ['acme/private-web'],
  tags: ['1.0'],
  credentials: { username: 'acme', password: 's3cret' },
}
