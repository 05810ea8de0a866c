// busybox's programs: what they print, and how they fail.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runShell } from '../runtime/run-shell.ts'

const cases: { run: string; out?: string; err?: string; status?: number }[] = [
  { run: 'cat /nope', err: "cat: can't open '/nope': No such file or directory\n", status: 1 },
  { run: 'ls /nope', err: 'ls: /nope: No such file or directory\n', status: 1 },
  { run: 'rm /nope', err: "rm: can't remove '/nope': No such file or directory\n", status: 1 },
  { run: 'rm -f /nope', status: 0 },
  { run: 'rm /tmp', err: "rm: '/tmp' is a directory\n", status: 1 },
  { run: 'mkdir /tmp', err: "mkdir: can't create directory '/tmp': File exists\n", status: 1 },
  { run: 'mkdir -p /a/b/c && cd /a && find . | sort', out: '.\n./b\n./b/c\n' },
  { run: 'cp /nope /tmp', err: "cp: can't stat '/nope': No such file or directory\n", status: 1 },
  { run: 'echo x > /tmp/a; cp /tmp/a /tmp/b; mv /tmp/b /tmp/c; cat /tmp/c; ls /tmp', out: 'x\na\nc\n' },
  { run: 'cp -r /etc /tmp/etc && ls /tmp/etc', out: 'group\npasswd\n' },
  {
    run: 'ln -s /etc/passwd /tmp/l; readlink /tmp/l; head -1 /tmp/l',
    out: '/etc/passwd\nroot:x:0:0:root:/root:/bin/sh\n',
  },
  { run: 'cp /bin/busybox /tmp/bb && /tmp/bb echo hi', out: 'hi\n' },
  { run: 'clear', out: '\x1b[H\x1b[J' },
  { run: 'printf "a\\nb\\nc\\n" | head -n 2', out: 'a\nb\n' },
  { run: "yes ab | tr '\\n' - | head -c 8; yes | tr -d '\\n' | head -c 200000 | wc -c", out: 'ab-ab-ab200000\n' },
  { run: '(head -c 2; cat) <<END\nabcd\nef\nEND', out: 'abcd\nef\n' },
  { run: "yes x | tr -d '\\n' | head -c 150000 | tail -n 1 | wc -c", out: '150000\n' },
  { run: 'printf "a\\nb\\nc\\n" | tail -n 1', out: 'c\n' },
  { run: 'printf "a\\nb\\nc\\n" | tail -n +2', out: 'b\nc\n' },
  { run: 'printf "a b\\nc\\n" | wc', out: '        2         3         6\n' },
  { run: 'printf "a b\\nc\\n" | wc -l', out: '2\n' },
  { run: 'printf "b\\na\\nb\\n" | sort | uniq -c', out: '      1 a\n      2 b\n' },
  { run: 'printf "10\\n9\\n" | sort -n; printf "x 2\\ny 1\\n" | sort -k2', out: '9\n10\ny 1\nx 2\n' },
  { run: 'echo a:b:c | cut -d: -f2; echo abc | cut -c2-3', out: 'b\nbc\n' },
  { run: 'echo hello | tr a-z A-Z; echo a--b | tr -s -; echo abc | tr -d b', out: 'HELLO\na-b\nac\n' },
  {
    run: "printf 'a 1\\nb 2\\n' | awk '{print $2}'; awk -F: 'NR==1{print $1, $NF}' /etc/passwd; printf 'x\\ny\\n' | awk '/y/{print \"hit \" $0} END{print NR}'",
    out: '1\n2\nroot /bin/sh\nhit y\n2\n',
  },
  { run: 'seq 3; seq 2 2 6', out: '1\n2\n3\n2\n4\n6\n' },
  { run: 'echo "a b c" | xargs -n1 echo', out: 'a\nb\nc\n' },
  { run: 'printf "a1\\nb2\\n" | grep -E "^[a]|x"; printf "a\\n" | grep b', out: 'a1\n', status: 1 },
  {
    run: 'printf "foo\\nFOO\\nbar\\n" | grep -ci foo; printf "a\\nb\\n" | grep -v a; echo abc | grep -o b',
    out: '2\nb\nb\n',
  },
  { run: 'grep x /nope', err: 'grep: /nope: No such file or directory\n', status: 2 },
  {
    run: 'echo a.b | sed "s/\\./-/"; echo aaa | sed s/a/b/g; printf "1\\n2\\n3\\n" | sed -n 2p; printf "1\\n2\\n3\\n" | sed 2d',
    out: 'a-b\nbbb\n2\n1\n3\n',
  },
  { run: 'echo "k: v" | sed -E "s/(.*): (.*)/\\2=\\1/"', out: 'v=k\n' },
  { run: 'date -u +%Y-%m-%dT%H:%M', out: '2026-11-20T08:12\n' },
  { run: 'date', out: 'Fri Nov 20 08:12:34 UTC 2026\n' },
  { run: 'id; whoami; hostname', out: 'uid=0(root) gid=0(root) groups=0(root)\nroot\np\n' },
  { run: 'basename /a/b.txt .txt; dirname /a/b', out: 'b\n/a\n' },
  { run: 'echo secret | base64; echo c2VjcmV0Cg== | base64 -d', out: 'c2VjcmV0Cg==\nsecret\n' },
  { run: 'timeout 1 sleep 10; echo $?', out: '143\n' },
  { run: 'timeout 5 nosuch', err: "timeout: can't execute 'nosuch': No such file or directory\n", status: 127 },
  { run: 'sleep x', err: "sleep: invalid number 'x'\n", status: 1 },
  { run: 'env -i A=1 env', out: 'A=1\n' },
  {
    run: 'dd if=/dev/zero of=/tmp/z bs=1M count=5 2>/dev/null; ls -l /tmp/z | cut -c 34-43; du -h /tmp/z',
    out: '   5242880\n5.0M\t/tmp/z\n',
  },
  {
    run: 'cd /tmp; printf four > a; chmod 640 a; ln -s a b; ls -lL b | cut -c 1-10,34-43; ls -lL | cut -c 1-10; rm a; ls -lL b',
    out: '-rw-r-----         4\ntotal 8\n-rw-r-----\n-rw-r-----\n',
    err: 'ls: b: No such file or directory\n',
    status: 1,
  },
  { run: 'echo x | tee /tmp/t; cat /tmp/t', out: 'x\nx\n' },
  { run: 'chmod 600 /etc/passwd; stat -c "%a %U" /etc/passwd', out: '600 root\n' },
  { run: 'wget -qO- 10.0.0.1', err: "wget: can't connect to remote host (10.0.0.1): Connection refused\n", status: 1 },
  {
    run: 'nslookup no.such',
    out: "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find no.such: NXDOMAIN\n\n** server can't find no.such: NXDOMAIN\n\n",
    status: 1,
  },
]
for (const { run, out = '', err = '', status = 0 } of cases)
  test(`programs: ${run}`, () => {
    const result = runShell(run)
    assert.deepEqual({ out: result.stdout, err: result.stderr, status: result.exitCode }, { out, err, status })
  })
