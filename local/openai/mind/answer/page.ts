import { capitalize } from '../words.ts';

/** A landing page, when the last request or one before asks for a page; later requests add sections to it. */
export function webPage(prompt: string, earlier: readonly string[]): string | undefined {
  const all = [...earlier, prompt];
  const start = all.findLastIndex((text) => PAGE.test(text));
  if (start < 0) return undefined;
  const added = all.slice(start).flatMap(sectionsIn);
  if (start < all.length - 1 && sectionsIn(prompt).length === 0) return undefined;
  const subject = capitalize(PAGE.exec(all[start] ?? '')?.[1]?.trim() ?? 'our place');
  return ['Here is the page:', '', '```html', html(subject, added), '```'].join('\n');
}

const PAGE =
  /\b(?:create|make|build|write|design)\b[^.\n]*\b(?:landing page|web ?page|website|html page)\b(?:\s+for\s+(?:an?\s+|the\s+)?([^.,\n]+))?/i;

function sectionsIn(text: string): string[] {
  return [...text.matchAll(/\badd(?:ing)?\s+(?:an?\s+|the\s+|some\s+)?([^.,\n]{2,60})/gi)].map((match) =>
    capitalize((match[1] ?? '').trim()),
  );
}

function html(subject: string, sections: readonly string[]): string {
  const title = escape(subject);
  return [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${title}</title></head>`,
    '<body>',
    `<h1>${title}</h1>`,
    `<p>Welcome to ${title}.</p>`,
    ...sections.map((section) => `<section><h2>${escape(section)}</h2>${bodyOf(section)}</section>`),
    '</body>',
    '</html>',
  ].join('\n');
}

function bodyOf(section: string): string {
  if (/\bform\b/i.test(section)) {
    return '<form><label>Name <input name="name" required></label><label>Date <input name="date" type="date"></label><button>Send</button></form>';
  }
  if (/\bhours?\b/i.test(section))
    return '<ul><li>Monday to Friday: 9:00 to 18:00</li><li>Saturday: 10:00 to 16:00</li></ul>';
  return '<p>Coming soon.</p>';
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
