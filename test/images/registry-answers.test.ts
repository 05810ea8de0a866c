// What registries answer to whom they do not give an image.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusalOf } from '../../sim/images/registry-answers.ts'
import { parseImageReference } from '../../sim/text/image-reference.ts'

const owner = { username: 'acme', password: 's3cret' }
const stranger = { username: 'acme', password: 'guess' }
const denied =
  /^pull access denied, repository does not exist or may require authorization: server message: insufficient_scope/

const cases = [
  { image: 'nginx:9.99', want: undefined },
  { image: 'ngnix:1.27', want: denied },
  { image: 'ngnix:1.27', accounts: [owner], want: denied },
  { image: 'ngnix:1.27', accounts: [stranger], want: /401 Unauthorized$/ },
  { image: 'acme/private-web:1.0', want: denied },
  { image: 'acme/private-web:1.0', accounts: [stranger], want: /scope=repository%3Aacme%2Fprivate-web%3Apull&.*401/ },
  { image: 'acme/private-web:9.0', accounts: [owner], want: undefined },
  { image: 'registry.k8s.io/ngnix:1', want: undefined },
  {
    image: 'ghcr.io/acme/ngnix:1',
    want: /ghcr\.io\/token\?scope=repository%3Aacme%2Fngnix%3Apull&service=ghcr\.io: 403 Forbidden$/,
  },
  {
    image: 'us-docker.pkg.dev/acme/web/ngnix:1',
    want: /us-docker\.pkg\.dev\/v2\/token\?scope=repository%3Aacme%2Fweb%2Fngnix%3Apull&service=us-docker\.pkg\.dev: 403 Forbidden$/,
  },
  {
    image: 'quay.io/acme/ngnix:1',
    want: /HEAD request to https:\/\/quay\.io\/v2\/acme\/ngnix\/manifests\/1: 401 UNAUTHORIZED$/,
  },
  {
    image: 'registry.example.com:5000/web:1',
    want: /lookup registry\.example\.com on 127\.0\.0\.53:53: no such host$/,
  },
  {
    image: 'localhost:5000/web',
    want: /Head "http:\/\/localhost:5000\/v2\/web\/manifests\/latest": dial tcp 127\.0\.0\.1:5000: connect: connection refused$/,
  },
  { image: '10.1.2.3:5000/web:1', want: /dial tcp 10\.1\.2\.3:5000: i\/o timeout$/ },
]
for (const { image, accounts = [], want } of cases)
  test(`${image}, asked for by ${accounts.map(({ password }) => password).join() || 'nobody known'}: ${want ?? 'not found'}`, () => {
    const reference = parseImageReference(image)
    assert.ok(typeof reference !== 'string')
    const said = refusalOf(reference, accounts)
    if (want) assert.match(said ?? '', want)
    else assert.equal(said, undefined)
  })
