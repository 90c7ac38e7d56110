/** Turns a LIKE pattern (`%`, `_`, `[a-f]`, `[^a-f]`) into a regular expression for the whole text. */
export function likePattern(pattern: string, escape: string | undefined): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const letter = pattern.charAt(i);
    if (escape !== undefined && letter === escape && i + 1 < pattern.length) {
      source += literal(pattern.charAt(++i));
    } else if (letter === '%') {
      source += '.*';
    } else if (letter === '_') {
      source += '.';
    } else if (letter === '[' && pattern.indexOf(']', i) > i) {
      const end = pattern.indexOf(']', i);
      source += characterClass(pattern.slice(i + 1, end));
      i = end;
    } else {
      source += literal(letter);
    }
  }
  return new RegExp(`^${source}$`, 's');
}

const literal = (letter: string): string => letter.replace(/[.*+?^${}()|[\]\\/-]/, String.raw`\$&`);

function characterClass(body: string): string {
  const negated = body.startsWith('^');
  const letters = (negated ? body.slice(1) : body).replace(/[\\\]^]/g, String.raw`\$&`);
  return `[${negated ? '^' : ''}${letters}]`;
}
