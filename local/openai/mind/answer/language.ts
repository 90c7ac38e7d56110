/** The few sentences that the simulator can say in other languages. */
interface Phrases {
  greeting: string;
  /** Put before everything else it says in this language. */
  lead: string;
}

const LANGUAGES: Readonly<Record<string, Phrases>> = {
  German: { greeting: 'Hallo! Wie kann ich Ihnen helfen?', lead: 'Auf Deutsch' },
  French: { greeting: 'Bonjour ! Comment puis-je vous aider ?', lead: 'En français' },
  Spanish: { greeting: '¡Hola! ¿En qué puedo ayudarle?', lead: 'En español' },
  Italian: { greeting: 'Ciao! Come posso aiutarla?', lead: 'In italiano' },
  Portuguese: { greeting: 'Olá! Como posso ajudar?', lead: 'Em português' },
  Dutch: { greeting: 'Hallo! Hoe kan ik u helpen?', lead: 'In het Nederlands' },
};

export const GREETING = 'Hello! How can I help you today?';

/** Says a text in the language that the orders name. The simulator cannot translate: it marks what it means. */
export function inLanguage(text: string, orders: string): string {
  const name = /\b(?:in|speak|use)\s+(German|French|Spanish|Italian|Portuguese|Dutch)\b/i.exec(orders)?.[1];
  if (name === undefined) return text;
  const phrases = LANGUAGES[name.slice(0, 1).toUpperCase() + name.slice(1).toLowerCase()];
  if (!phrases) return text;
  return text === GREETING ? phrases.greeting : `${phrases.lead}: ${text}`;
}
