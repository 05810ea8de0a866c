// Arrays of bash: what a line prints, and the status it ends with. Each was compared with bash 5.2.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startImage } from '../../images/start-image.ts'

const lines: { run: string; out?: string; err?: string; status?: number }[] = [
  { run: 'a=(north "south east" west); echo ${a[1]} ${#a[@]} ${a[-1]} ${#a[1]}', out: 'south east 3 west 10\n' },
  { run: 'a=(x y z); i=2; echo ${a[i]} ${a[$i-1]} $a ${#a}', out: 'z y x 1\n' },
  { run: 'a=(x y); a+=(z); a[5]=w; a[1]+=y; echo "${!a[@]}:${a[*]}:${a[9]:-none}"', out: '0 1 2 5:x yy z w:none\n' },
  { run: 'a=("p q" r); for v in "${a[@]}"; do echo "<$v>"; done', out: '<p q>\n<r>\n' },
  { run: 'a=("p q" r); for v in ${a[@]}; do echo "<$v>"; done', out: '<p>\n<q>\n<r>\n' },
  { run: 'a=("p q" r); for v in "${a[*]}"; do echo "<$v>"; done', out: '<p q r>\n' },
  { run: 'a=(1 2 3); IFS=,; echo "${a[*]}"', out: '1,2,3\n' },
  { run: 'a=(); echo ${#a[@]}; for v in "${a[@]}"; do echo never; done', out: '0\n' },
  { run: 'a=(1 2); a=q; echo "${a[@]}"; unset a; echo "${#a[@]}"', out: 'q 2\n0\n' },
  { run: 'a=(1 2); (a[1]=sub; echo ${a[1]}); echo ${a[1]}', out: 'sub\n2\n' },
  { run: 'a=(1 2); export a; env | grep -c ^a=', out: '0\n', status: 1 },
  { run: 'w="a b"; a=($w c$((1+1))); echo ${#a[@]} ${a[2]}', out: '3 c2\n' },
  { run: 'cd /; a=(*tc); echo ${a[0]}', out: 'etc\n' },
  { run: 'a=(0 1 2 3 4); echo ${a[@]:1:2} ${a[@]: -2}; a[9]=9; echo ${a[@]:5}', out: '1 2 3 4\n9\n' },
  { run: 'a=(x.txt y.txt); echo ${a[@]%.txt} ${a[1]/y/z} ${a[0]#x}', out: 'x y z.txt .txt\n' },
  {
    run: 'a=(1); echo ${a[3]-none} ${a[0]:+some} ${a[3]:=made} ${a[3]} ${b[@]:-empty}',
    out: 'none some made made empty\n',
  },
  { run: 'one=x; echo ${one[0]} ${#one[@]} ${one[1]}', out: 'x 1\n' },
  { run: 'f() { local a; a=(in); echo ${a[0]}; }; a=(out); f; echo ${a[0]}', out: 'in\nout\n' },
  { run: 'set -u; a=(1); echo ${a[3]}; echo after', err: 'bash: a[3]: unbound variable\n', status: 127 },
  { run: 'a=(1); a[-3]=x', err: 'bash: a[-3]: bad array subscript\n', status: 1 },
]
for (const { run, out = '', err = '', status = 0 } of lines)
  test(`bash: ${run}`, () => {
    const { engine, exit, stdout, stderr } = startImage('debian', { command: ['bash', '-c', run] })
    engine.runUntil(5000)
    assert.deepEqual({ out: stdout(), err: stderr(), status: exit()?.exitCode }, { out, err, status })
  })

test('dash and busybox have none', () => {
  for (const image of ['debian', 'busybox'])
    for (const run of ['a=(1 2)', 'echo ${a[0]}']) {
      const { engine, exit } = startImage(image, { command: ['sh', '-c', run] })
      engine.runUntil(5000)
      assert.equal(exit()?.exitCode, 2, `${image}: ${run}`)
    }
})
