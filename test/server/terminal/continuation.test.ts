/** What a shell asks to be continued. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { needsMore } from '../../../server/terminal/continuation.ts'

for (const [text, more] of [
  ['echo hi', false],
  ['echo "hi', true],
  ["echo 'hi", true],
  ["echo 'hi\nthere'", false],
  ['echo hi \\', true],
  ['echo hi \\\\', false],
  ['kubectl get pods |', true],
  ['true &&', true],
  ['for i in 1 2', true],
  ['for i in 1 2; do', true],
  ['for i in 1 2; do echo $i; done', false],
  ['if true; then echo', true],
  ['echo $(ls', true],
  ['f() {', true],
  ['cat <<EOF', true],
  ['cat <<EOF\na: 1', true],
  ['cat <<EOF\na: 1\nEOF', false],
  ["cat <<'END' > x\nEOF", true],
  ["cat <<'END' > x\nEOF\nEND", false],
  ['cat <<-EOF\n\tindented\n\tEOF', false],
  ['cat <<A; cat <<B\na\nA', true],
  ['cat <<A; cat <<B\na\nA\nb\nB', false],
  ['base64 <<< hi', false],
  ['cat <<<hi', false],
  ['cat <<< hi; cat <<EOF', true],
  ['echo )', false],
  ['', false],
] as const)
  test(`${JSON.stringify(text)} ${more ? 'goes on' : 'is whole'}`, () => assert.equal(needsMore(text), more))
