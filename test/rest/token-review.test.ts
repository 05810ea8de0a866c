/** Tokens over HTTP: who holds one, for whom it is meant, and what becomes of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, smallCluster } from './ask.ts'

const accounts = '/api/v1/namespaces/default/serviceaccounts'
const reviews = '/apis/authentication.k8s.io/v1/tokenreviews'

test('a token is its ServiceAccount, for its audiences, while that is there', () => {
  const cluster = smallCluster()
  const review = (token: string, audiences?: string[]) =>
    ask(cluster, 'POST', reviews, { spec: { token, audiences } }).body.status
  const { uid } = ask(cluster, 'POST', accounts, { metadata: { name: 'robot' } }).body.metadata
  const issue = (spec: object) => ask(cluster, 'POST', `${accounts}/robot/token`, { spec }).body.status.token
  const [plain, vault] = [issue({}), issue({ audiences: ['vault'] })]
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated']
  const { jti } = JSON.parse(Buffer.from(plain.split('.')[1], 'base64url').toString())
  const extra = { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] }
  assert.deepEqual(review(plain).user, { username: 'system:serviceaccount:default:robot', uid, groups, extra })
  assert.deepEqual(review(vault, ['vault', 'other']).audiences, ['vault'])
  const refused = { user: {}, error: 'invalid bearer token' }
  assert.deepEqual(review(vault), refused)
  assert.deepEqual(review(`${plain}x`), refused)
  ask(cluster, 'DELETE', `${accounts}/robot`)
  ask(cluster, 'POST', accounts, { metadata: { name: 'robot' } })
  assert.deepEqual(review(plain), refused, 'another of the same name is somebody else')
})
