// Smaller tools of busybox: what they print on both streams, and their exit codes.
import { checkLines } from './run-lines.ts'

checkLines({
  'checksums and bytes': [
    { run: 'printf abc | md5sum', out: '900150983cd24fb0d6963f7d28e17f72  -\n' },
    { run: 'printf "" | md5sum', out: 'd41d8cd98f00b204e9800998ecf8427e  -\n' },
    { run: 'printf abc | sha1sum', out: 'a9993e364706816aba3e25717850c26c9cd0d89d  -\n' },
    { run: 'printf abc | sha256sum', out: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n' },
    { run: 'printf abc > /tmp/f; sha256sum /tmp/f > /tmp/s; sha256sum -c /tmp/s', out: '/tmp/f: OK\n' },
    { run: "printf 'a\\n' | od -c", out: '0000000   a  \\n\n0000002\n' },
    { run: 'printf ab | od -An -tx1', out: ' 61 62\n' },
    {
      run: 'printf abc | hexdump -C',
      out: '00000000  61 62 63                                          |abc|\n00000003\n',
    },
    { run: 'printf abc | base64; echo YWJj | base64 -d', out: 'YWJj\nabc' },
    { run: "printf '\\342\\234\\223 \\xe2\\x9c\\x93\\n'; echo -e '\\0342\\0234\\0223'", out: '✓ ✓\n✓\n' },
    { run: "printf '\\377\\000\\376' | base64; echo /wD+ | base64 -d | od -An -tx1", out: '/wD+\n ff 00 fe\n' },
  ],
  'expr computes': [
    { run: 'expr 1 + 2 \\* 3', out: '7\n' },
    { run: 'expr \\( 1 + 2 \\) \\* 3', out: '9\n' },
    { run: 'expr 5 / 0', err: 'expr: division by zero\n', status: 2 },
    { run: 'expr abc : "a\\(.\\)c"', out: 'b\n' },
    { run: 'expr length hello', out: '5\n' },
    { run: 'expr 1 = 2', out: '0\n', status: 1 },
    { run: 'expr a + 1', err: 'expr: non-numeric argument\n', status: 2 },
  ],
  'processes are found by their names': [
    { run: 'sleep 90 & pgrep sleep; pgrep -x slee; pgrep -x sleep; pgrep -l "^s.*p$"', out: '2\n2\n2 sleep\n' },
    {
      run: 'sleep 90 & sleep 80 & pgrep -n sleep; pgrep -o sleep; pgrep -f "^sleep 8"; pgrep -af "^s.*80"',
      out: '3\n2\n3\n3 sleep 80\n',
    },
    { run: 'sleep 90 & pgrep -P 1; pgrep -P1 -x sh; pgrep -vx sh', out: '2\n2\n' },
    { run: 'sleep 90 & pkill -x slee; echo $?; pkill -x sleep; wait $!; echo $?', out: '1\n143\n' },
    {
      run: 'sleep 90 & pkill -9 -x sleep; wait $!; echo $?; sleep 90 & pkill -KILL -f "^s.* 90"; wait $!; echo $?',
      out: '137\n137\n',
    },
    { run: 'sleep 90 & pkill -e -P 1 sleep; pkill -0 sleep', out: 'sleep killed (pid 2)\n', status: 1 },
    { run: 'pkill -l | head -2', out: ' 1) HUP\n 2) INT\n' },
    {
      run: 'sleep 90 & pkill sleep -9; pgrep -x sleep | wc -l; pkill sleep cat',
      out: '1\n',
      err: `pkill: invalid option -- '9'
BusyBox v1.36.1 multi-call binary.

Usage: pkill [OPTIONS]
BusyBox v1.36.1 multi-call binary.

Usage: pkill [-l|-SIGNAL] [-xfvnoe] [-s SID|-P PPID|PATTERN]
`,
      status: 1,
    },
    { run: 'pgrep "("', err: "pgrep: bad regex '(': Unmatched ( or \\(\n", status: 1 },
    {
      run: 'sleep 90 & killall -0 sleep && killall -q slee; killall slee; killall -q -9 sleep; wait $!; echo $?',
      out: '137\n',
      err: 'killall: slee: no process killed\n',
    },
    { run: 'killall -x sleep', err: "killall: bad signal name 'x'\n", status: 1 },
    {
      run: 'sleep 90 & sleep 80 & pidof sleep; pidof -s sleep; pidof -o 3 sleep; pidof nobody',
      out: '3 2\n3\n2\n',
      status: 1,
    },
  ],
  'two files are compared': [
    {
      run: 'seq 3 > /tmp/a; seq 3 | sed 2d > /tmp/b; diff /tmp/a /tmp/b',
      out: '--- /tmp/a\n+++ /tmp/b\n@@ -1,3 +1,2 @@\n 1\n-2\n 3\n',
      status: 1,
    },
    { run: 'echo a > /tmp/a; cp /tmp/a /tmp/b; diff /tmp/a /tmp/b; cmp /tmp/a /tmp/b' },
    {
      run: 'printf ab > /tmp/a; printf ac > /tmp/b; cmp /tmp/a /tmp/b',
      out: '/tmp/a /tmp/b differ: byte 2, line 1\n',
      status: 1,
    },
    {
      run: 'diff /tmp/x /tmp/y',
      err: "diff: can't open '/tmp/x': No such file or directory\ndiff: can't open '/tmp/y': No such file or directory\n",
      status: 2,
    },
    {
      run: "printf 'a\\nb\\n' > /tmp/a; printf 'b\\nc\\n' > /tmp/b; comm /tmp/a /tmp/b; comm -12 /tmp/a /tmp/b",
      out: 'a\n\t\tb\n\tc\nb\n',
    },
    { run: 'seq 2 > /tmp/a; seq 3 4 | paste /tmp/a -', out: '1\t3\n2\t4\n' },
    { run: 'seq 3 | paste -sd,', out: '1,2,3\n' },
    { run: 'seq 4 | paste -d" " - -', out: '1 2\n3 4\n' },
    { run: 'echo abcdef | fold -w 4', out: 'abcd\nef\n' },
  ],
  'find selects and acts': [
    {
      run: 'mkdir -p /tmp/d/e; touch /tmp/d/a.txt /tmp/d/e/b.log; cd /tmp; find d -name "*.txt" -o -name "*.log" | sort',
      out: 'd/a.txt\nd/e/b.log\n',
    },
    { run: 'mkdir -p /tmp/d/e; touch /tmp/d/a; find /tmp/d -maxdepth 1 -type d | sort', out: '/tmp/d\n/tmp/d/e\n' },
    { run: 'mkdir /tmp/d; echo x > /tmp/d/a; echo y > /tmp/d/b; find /tmp/d -type f -exec cat {} \\;', out: 'x\ny\n' },
    { run: 'mkdir /tmp/d; touch /tmp/d/a /tmp/d/b; find /tmp/d -type f -exec echo {} +', out: '/tmp/d/a /tmp/d/b\n' },
    {
      run: 'touch /tmp/a; chmod 600 /tmp/a; find /tmp -perm 600; chmod o=w /tmp/a; find /tmp -type f -perm -o=w; find /tmp -perm u=rw; chmod 600 /tmp/a; find /tmp -type f -user root',
      out: '/tmp/a\n/tmp/a\n/tmp/a\n',
    },
    { run: 'find /tmp -exec echo', err: "find: -exec requires an argument ending in ';'\n", status: 1 },
    { run: 'find /nope', err: 'find: /nope: No such file or directory\n', status: 1 },
  ],
  'archives are made and read': [
    {
      run: 'mkdir -p /tmp/d/e; echo x > /tmp/d/e/f; cd /tmp; tar cf a.tar d; rm -r d; tar xf a.tar; cat d/e/f; tar tf a.tar',
      out: 'x\nd/\nd/e/\nd/e/f\n',
    },
    { run: 'mkdir /tmp/o; echo x > /tmp/f; tar -C /tmp -cf - f | tar -C /tmp/o -xf -; cat /tmp/o/f', out: 'x\n' },
    { run: 'echo no > /tmp/f; tar xf /tmp/f', err: 'tar: invalid tar magic\n', status: 1 },
  ],
  'the terminal is refused politely': [
    {
      run: 'vi /etc/passwd',
      err: "vi: this terminal can't edit in place; write files with echo, cat or sed instead\n",
      status: 1,
    },
    { run: 'dmesg', err: 'dmesg: klogctl: Operation not permitted\n', status: 1 },
    { run: 'tty', out: 'not a tty\n', status: 1 },
    { run: 'stty size', err: 'stty: standard input\n', status: 1 },
    { run: 'echo a | less; echo b | more', out: 'a\nb\n' },
    { run: 'top -b -n 1 | grep -c "^  PID"', out: '1\n' },
    { run: 'timeout 3 watch -t -n 1 echo hi', out: 'hi\nhi\nhi\n', status: 143 },
    { run: 'getopt -o ab: -- -a -b x y', out: " -a -b 'x' -- 'y'\n" },
  ],
  'the network is looked at': [
    { run: 'ping -c 2 127.0.0.1 | grep -c "64 bytes from 127.0.0.1"', out: '2\n' },
    { run: 'ping -c 1 nope', err: "ping: bad address 'nope'\n", status: 1 },
    { run: 'traceroute 10.0.0.1', err: 'traceroute: socket(AF_INET,3,1): Operation not permitted\n', status: 1 },
    {
      run: 'telnet 127.0.0.1 9',
      err: "telnet: can't connect to remote host (127.0.0.1): Connection refused\n",
      status: 1,
    },
    { run: 'ip route', out: 'default via 10.244.0.1 dev eth0 \n10.244.0.0/24 dev eth0 scope link  src 10.244.0.5 \n' },
    { run: 'ip addr | grep -c "inet 10.244.0.5/24"', out: '1\n' },
    { run: 'ip link set eth0 down', err: 'ip: RTNETLINK answers: Operation not permitted\n', status: 2 },
    {
      run: 'httpd -f -h /nope',
      err: "httpd: can't change directory to '/nope': No such file or directory\n",
      status: 1,
    },
  ],
  'dates that there are not are refused': [
    { run: 'date -d @99999999999999999', err: "date: invalid date '@99999999999999999'\n", status: 1 },
    { run: 'date -u -d @8640000000000 +%Y-%m-%d', out: '275760-09-13\n' },
    { run: 'date -d nonsense', err: "date: invalid date 'nonsense'\n", status: 1 },
  ],
  'hostile lines end': [
    { run: `echo ${'a'.repeat(200)}! | grep -E '^(a+)+$'`, status: 1 },
    { run: `echo ${'a'.repeat(200)}! | grep -E '(a|aa)*(a|aa)*(a|aa)*b'`, status: 1 },
    { run: "echo a | grep '[z-a]'", err: "grep: bad regex '[z-a]': Invalid range end\n", status: 2 },
    {
      run: `echo aaa | sed -E 's/${'(a|'.repeat(300)}b/x/'`,
      err: `sed: bad regex '${'(a|'.repeat(300)}b': Regular expression too big\n`,
      status: 1,
    },
    {
      run: `awk 'BEGIN{print ${'('.repeat(3000)}1${')'.repeat(3000)}}'`,
      err: 'awk: cmd. line:1: program too deep\n',
      status: 2,
    },
    { run: `awk 'BEGIN{print ${'1 '.repeat(3000)}}'`, err: 'awk: cmd. line:1: program too deep\n', status: 2 },
    { run: `expr ${'\\( '.repeat(500)} 1`, err: 'expr: syntax error\n', status: 2 },
    { run: "awk 'BEGIN{while(1) a[i++]=1}'", err: 'awk: cmd. line:1: out of memory\n', status: 2 },
    { run: 'awk \'BEGIN{x="a"; while(1) x = x x}\'', err: 'awk: cmd. line:1: out of memory\n', status: 2 },
    { run: "echo a | sed ':a;s/a/aa/g;ta'", status: 152 },
  ],
})
