// Hands in a report through the open interface, looks where it stands, and adds to it. Needs Node 18 or newer:
//
//   node examples/report.mjs http://127.0.0.1:8080
//
// Everything it says is fictional.

import { createHash } from 'node:crypto'

const base = process.argv[2] ?? 'http://127.0.0.1:8080'

async function post(path, body, draft) {
  const headers = { 'Content-Type': 'application/json' }
  if (draft) headers.Authorization = `Bearer ${draft}`
  const answer = await fetch(base + path, { method: 'POST', headers, body: JSON.stringify(body) })
  const said = await answer.json()
  // `faults` names every field that has to be mended; `error` is a sentence for people.
  if (!answer.ok) throw new Error(`${path}: ${said.status} ${said.code}: ${said.error}`)
  return said
}

// 1. A draft. Its token makes sending again harmless: after a broken connection the same report is sent once more.
const { draft } = await post('/api/v1/reports/drafts', {})

// 2. Evidence, in chunks. `same` finds the file again after a broken connection; it goes on from `next`.
const photo = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
async function upload(name, bytes, draft) {
  const files = '/api/v1/reports/files'
  const same = createHash('sha256').update(draft).update(bytes).digest('hex')
  let { file, next, chunk } = await post(files, { name, size: bytes.length, same }, draft)
  while (next < bytes.length) {
    const data = bytes.subarray(next, next + chunk).toString('base64')
    next = (await post(`${files}/chunks`, { file, offset: next, data }, draft)).next
  }
  await post(`${files}/finished`, { file, sha256: createHash('sha256').update(bytes).digest('hex') }, draft)
}
await upload('公示栏.png', photo, draft)

// 3. About what: the first village of the county.
const units = await (await fetch(`${base}/api/v1/units?category=village&per_page=1`)).json()
const report = {
  kind: 'complaint',
  object: 'unit',
  object_id: units.items[0].id,
  what: '村里的低保名单只贴了两天就撕掉了，没有人看清名单上有谁。',
  when: '上个月',
  points: ['低保名单为什么没有按规定公示满七天？'],
  level: 'anonymous',
}
const receipt = await post('/api/v1/reports', report, draft)
const again = await post('/api/v1/reports', report, draft)
if (!receipt.accepted) {
  console.log('not kept; turn to:', receipt.channel)
  process.exit(0)
}
if (receipt.number !== again.number) throw new Error('one draft became two reports')

// 4. Number and code open it; nothing else does. A real program shows them once and forgets them.
const { number, code } = receipt
const before = await post('/api/v1/reports/status', { number, code })
console.log(before.state_name, before.lamp_name, before.due_on ?? '')

// 5. Something to add, with a file: number and code give a draft for it, and the next `more` takes it along.
const supplement = await post('/api/v1/reports/supplements', { number, code })
await upload('补充.txt', Buffer.from('当时在场的人记下的经过'), supplement.draft)
const after = await post('/api/v1/reports/replies', {
  number,
  code,
  say: 'more',
  text: '撕掉名单的那天村委会门口有人看见。',
  points: ['名单是谁撕掉的？'],
})
for (const line of after.timeline) console.log(line.at, line.by, line.deed, line.text, line.files)
