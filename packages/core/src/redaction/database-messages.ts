import { redacted } from './secret-names.js';

/*
 * Databases quote the values of a statement in their messages, bound parameters too. Which value is a secret
 * cannot be known there, so that all of them go. Each pattern takes time in proportion to the text.
 */

/** From a quote to the last one on the line where the value ends: PostgreSQL does not escape quotes in a value. */
const toLastQuote = String.raw`"[^"]*(?:"(?:[^"\n]*")*)?`;

/** `invalid input syntax for type uuid: "x"`, `malformed array literal: "x"`, `… value out of range: "x"` */
const quotedAtEnd = new RegExp(
  String.raw`(invalid input (?:syntax|value) for [\w ."]{1,80}?:\s|malformed \w{1,20} literal:\s|value out of range:\s)\\?${toLastQuote}`,
  'gi',
);
/** `value "x" is out of range for type integer` */
const outOfRange = /(value )"[^"\n]*"( is out of range)/gi;
/** `Key (email)=(x) already exists.`, `… is not present in table "users".`; a value may hold brackets. */
const keyDetail = /(Key \([^()\n]{1,500}\)=)\([^\n]*/g;
const keyDetailEnd = / (?:already exists|is not present in table|is still referenced|conflicts with)[^\n]*$/;
/** `Failing row contains (1, x, null).` */
const failingRow = /(Failing row contains )\([^\n]*/gi;
/** `unnamed portal with parameters: $1 = 'x', $2 = 'y'` */
const boundParameter = /(\$\d{1,5} = )'(?:[^']|'')*'?/g;
/** MySQL: `Duplicate entry 'x' for key 'users.email'`, `Incorrect integer value: 'x' for column …` */
const mysqlValue =
  /(Duplicate entry |(?:Truncated )?Incorrect [\w ]{1,40} value: |Incorrect arguments? [\w ]{1,40}: )'[^'\n]*(?:'(?! for (?:key|column|function)|\s*$)[^'\n]*){0,50}'?/gi;
/** MongoDB: `dup key: { email: "x" }` */
const mongodbKey = /(dup key: )\{[^\n]*/g;

/** SQL Server: `converting the varchar value 'x' to`, `Truncated value: 'x'`, `The duplicate key value is (x).` */
const sqlServerValue =
  /(converting the [\w ]{1,40} value |Truncated value: )'(?:[^']|'(?! to data type|\.?\s*$))*'?/gi;
const sqlServerKey = /(duplicate key value is )\([^\n]*/gi;
/** Redis: `ERR unknown command 'x', with args beginning with: 'y' 'z'` */
const redisArguments = /(args beginning with: )[^\n]*/gi;
/** `Failed query: insert …\nparams: x,y`, as Drizzle writes it. */
const failedQuery = /failed query: /i;
const queryParameters = /(\nparams: )[^\n]*/gi;
const hexDigit = /(invalid hexadecimal (?:digit|data)[^:\n]{0,40}: )"[^"\n]*"?/gi;

/** Takes the values out of a database's messages; what was wrong with them stays. */
export function redactDatabaseValues(text: string): string {
  const withoutParameters = failedQuery.test(text) ? text.replace(queryParameters, `$1${redacted}`) : text;
  return withoutParameters
    .replace(quotedAtEnd, `$1"${redacted}"`)
    .replace(outOfRange, `$1"${redacted}"$2`)
    .replace(keyDetail, (match, before: string) => {
      return `${before}(${redacted})${keyDetailEnd.exec(match)?.[0] ?? ''}`;
    })
    .replace(failingRow, `$1(${redacted})`)
    .replace(boundParameter, `$1'${redacted}'`)
    .replace(mysqlValue, `$1'${redacted}'`)
    .replace(mongodbKey, `$1{ ${redacted} }`)
    .replace(sqlServerValue, `$1'${redacted}'`)
    .replace(
      sqlServerKey,
      (match, before: string) => `${before}(${redacted})${match.endsWith('.') ? '.' : ''}`,
    )
    .replace(redisArguments, `$1${redacted}`)
    .replace(hexDigit, `$1"${redacted}"`);
}
