// Comma-separated values as RFC 4180 has them: quotes where needed, lines that end in CR LF.

/** Records as text, with a header line of the first one's field names. */
export function renderCsv(records: readonly object[]): string {
  const names = Object.keys(records[0] ?? {})
  const rows = records.map(record => names.map(name => String((record as Record<string, unknown>)[name])))
  return [names, ...rows].map(row => `${row.map(quoted).join(',')}\r\n`).join('')
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
