/** What Azure's filter reports on a finished response: one entry for the prompt, one for the completion. */
export function contentFilters(completionCharacters: number, blocked: boolean): object[] {
  const safe = { filtered: false, severity: 'safe' };
  const clear = { filtered: false, detected: false };
  return [
    {
      blocked: false,
      source_type: 'prompt',
      content_filter_raw: null,
      content_filter_results: { hate: safe, sexual: safe, self_harm: safe, violence: safe, jailbreak: clear },
      content_filter_offsets: { start_offset: 0, end_offset: 0, check_offset: 0 },
    },
    {
      blocked,
      source_type: 'completion',
      content_filter_raw: null,
      content_filter_results: {
        hate: safe,
        sexual: safe,
        self_harm: safe,
        violence: blocked ? { filtered: true, severity: 'medium' } : safe,
        protected_material_text: clear,
        protected_material_code: clear,
      },
      content_filter_offsets: { start_offset: 0, end_offset: completionCharacters, check_offset: 0 },
    },
  ];
}
