// The example client of the open interface, run as its reader would.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'node:test'
import { secret } from '../lib/secrets.mjs'

const client = fileURLToPath(new URL('../../examples/report.mjs', import.meta.url))
const run = (base) => promisify(execFile)(process.execPath, [client, base])

// What it entrusts to the program: the report, a file's name, what it adds.
secret('村里的低保名单只贴了两天就撕掉了，没有人看清名单上有谁。')
secret('公示栏.png')
const more = secret('撕掉名单的那天村委会门口有人看见。')

test('the example client hands in a report with a file, and adds to it', async () => {
  const { stdout, stderr } = await run(process.env.BASE_URL)
  const lines = stdout.trim().split('\n')
  assert.match(lines[0], /^\S+ \S+ \d{4}-\d{2}-\d{2}$/, 'state, lamp and the day it is due')
  assert.ok(lines.at(-1).endsWith(`${more} 1`), `what was added stands last, with its file: ${lines.at(-1)}`)
  assert.equal(stderr, '')
})

test('where nobody answers it fails', async () => {
  await assert.rejects(run('http://127.0.0.1:9'), { code: 1 })
})
