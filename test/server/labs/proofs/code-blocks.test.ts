/** What learners copy from a text has to work. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeProblems } from '../../../../server/labs/proofs/code-blocks.ts'

const block = (code: string, language = '') => `Some text.\n\n\`\`\`${language}\n${code}\n\`\`\`\n`
const pod = (more: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec:\n  containers:\n    - name: a\n${more}`

for (const code of [
  'kubectl get pods -o wide',
  '$ kubectl describe pod NAME',
  'k get nodes   # all of them',
  "kubectl get pods -o jsonpath='{.items[*].metadata.name}' | tr ' ' '\\n' > names.txt",
  'kubectl logs -f web',
  'kubectl exec -it web -- sh',
  'kubectl get pods --watch',
  'kubectl patch deployment web \\\n  -p \'{"spec":{"replicas":3}}\'',
  'kubectl get {{kind}} --replicas={{count}}',
  'NAME   READY\nweb    1/1',
  pod("      image: 'nginx:1.27'"),
  `cat > pod.yaml <<EOF\n${pod("      image: 'nginx:1.27'")}\nEOF\nkubectl apply -f pod.yaml`,
  'spec:\n  replicas: three',
])
  test(`goes: ${JSON.stringify(code.slice(0, 50))}`, () => assert.deepEqual(codeProblems(block(code)), []))

for (const [code, problem] of [
  ['kubectl get pods --sort-name=.a', /^3: kubectl get pods --sort-name=\.a: error: unknown flag: --sort-name/],
  ['kubectl get podz', /doesn't have a resource type "podz"/],
  ['kubectl get pods -o jsonpath=\'{.items["a"]}\'', /error parsing jsonpath/],
  ['kubectl rollout again deployment web', /^3: kubectl rollout again/],
  [pod('      imago: nginx'), /^3: this manifest is refused: .*unknown field "spec\.containers\[0\]\.imago"/],
  [`cat <<'EOF' | kubectl apply -f -\n${pod('      imago: nginx')}\nEOF`, /unknown field/],
  [pod('      ports: [{ containerPort: 99999 }]'), /^3: this manifest is refused: .*is invalid/],
] as const)
  test(`told: ${JSON.stringify(code.slice(0, 60))}`, () => {
    const problems = codeProblems(block(code, code.startsWith('api') ? 'yaml' : ''))
    assert.equal(problems.length, 1, problems.join('\n'))
    assert.match(problems[0]!, problem)
  })

test('the line is that of the block, and demos are proven elsewhere', () => {
  const text = `${block('kubectl get nothing', 'scenario')}\n${block('kubectl get nothing')}`
  assert.deepEqual(
    codeProblems(text).map((problem) => problem.split(':')[0]),
    ['9'],
  )
})
