import { workOut } from '../answer/arithmetic.ts';
import { sampleOf } from '../schema/pattern.ts';
import { fieldsOf, stringOf, type Fields } from '../values.ts';
import { sampleGrammar } from './grammar.ts';

/** What a custom tool is called with: text, or text of its grammar. */
export function customInput(spec: Fields, prompt: string): string {
  const format = fieldsOf(spec['format']);
  const definition = stringOf(format['definition']) ?? '';
  if (format['type'] !== 'grammar') return plainInput(prompt);
  return format['syntax'] === 'regex' ? ofPattern(definition, prompt) : sampleGrammar(definition, plainInput(prompt));
}

/** A code block, a quotation or a sum stands for itself; otherwise the whole text is the input. */
function plainInput(prompt: string): string {
  return (
    /```\w*\n([\s\S]*?)\n?```/.exec(prompt)?.[1] ??
    /["“]([^"”]+)["”]/.exec(prompt)?.[1] ??
    workOut(prompt)?.expression ??
    prompt
  );
}

function ofPattern(pattern: string, prompt: string): string {
  const said = new RegExp(pattern.replace(/^\^|\$$/g, '')).exec(prompt)?.[0];
  return said !== undefined && said !== '' ? said : (sampleOf(pattern) ?? plainInput(prompt));
}
