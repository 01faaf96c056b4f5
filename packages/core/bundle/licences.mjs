export function writeLicences(file, output) {}
