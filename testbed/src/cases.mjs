/*
 * Tests that repeat one promise for versions, module formats and modes. `npm test` runs the cases that show each promise
 * once; `npm run test:cases` runs all of them.
 */
const areAllRun = process.env.THROUGHLINE_ALL_CASES === 'true';

/**
 * The cases that a test runs.
 *
 * @template T
 * @param {readonly T[]} all
 * @param {(each: T, index: number) => boolean} isRepresentative whether `npm test` runs the case
 * @returns {readonly T[]}
 * @throws if no case is representative, or if all of them are
 */
export function casesToRun(all, isRepresentative) {
  const chosen = all.filter(isRepresentative);
  // A case that has been renamed would be missing without a sign.
  if (chosen.length === 0 || chosen.length === all.length)
    throw new Error(`${chosen.length} of ${all.length} cases are representative.`);
  return areAllRun ? all : chosen;
}

/**
 * The cases that a test runs, chosen by their names.
 *
 * @template T
 * @param {readonly T[]} all
 * @param {(each: T) => string} nameOf
 * @param {readonly string[]} names of the cases that `npm test` runs
 * @returns {readonly T[]}
 * @throws if there is no case of a name
 */
export function casesNamed(all, nameOf, names) {
  const unknown = names.filter((name) => !all.some((each) => nameOf(each) === name));
  if (unknown.length > 0) throw new Error(`There is no case ${unknown.join(', ')}.`);
  return casesToRun(all, (each) => names.includes(nameOf(each)));
}
