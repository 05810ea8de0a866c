/** What of somebody's work is shown without their name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bareLine, withoutNames } from '../../../../server/pages/workshops/nameless.ts'

const cases = [
  { name: 'Mara', text: 'deployment.apps/mara-web', want: 'deployment.apps/•••-web' },
  { name: 'Mara', text: 'MARA and maranatha', want: '••• and •••natha' },
  { name: 'Ann-Lee Fox', text: 'annleefox, ann_lee-fox, fox', want: '•••, •••, •••' },
  { name: 'Al', text: 'all of it', want: 'all of it' },
  { name: 'a.b*cde (d)', text: 'a.b*cde and abcde', want: 'a.b*••• and ab•••' },
  { name: 'Al', text: 'al-web, pod al', want: '•••-web, pod •••' },
  { name: 'Ann', known: 'annotations', text: 'annotations of ann-web', want: 'annotations of •••-web' },
  { name: '王伟', text: 'app=王伟', want: 'app=•••' },
  { name: '李小龙', text: 'app=李小龙', want: 'app=•••' },
  { name: 'web', known: 'a Deployment called web', text: 'web-7d9', want: 'web-7d9' },
]
for (const { name, known, text, want } of cases)
  test(`${name} is not in “${text}”`, () => {
    assert.deepEqual(withoutNames({ a: [text], n: 3 }, [name], known), { a: [want], n: 3 })
  })

test('everybody’s names are taken out, the longest first, and what every cluster says stays', () => {
  const shown = withoutNames({ pod: 'annika-7d', node: 'Ready', note: 'by ann' }, ['Ann', 'Annika', 'Ready'])
  assert.deepEqual(shown, { pod: '•••-7d', node: 'Ready', note: 'by •••' })
})

test('a line is shown without its comment, its files and what is fed to it', () => {
  assert.equal(bareLine('kubectl apply -f maras-web.yaml # by Mara'), 'kubectl apply -f …')
  assert.equal(bareLine('kubectl create configmap c --from-file=mara.txt'), 'kubectl create configmap c --from-file=…')
  assert.equal(bareLine("cat <<'EOF'\nsecret\nEOF"), "cat <<'EOF'")
  assert.equal(bareLine('kubectl get pods -l app=web#1'), 'kubectl get pods -l app=web#1')
})
