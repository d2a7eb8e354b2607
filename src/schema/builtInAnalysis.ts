// The analysis components that engines and their usual plugins have built in. `problems.ts` reports other names,
// unless the settings define them or the live index uses them.

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const LANGUAGES = words(`
  arabic armenian basque bengali brazilian bulgarian catalan chinese cjk czech danish dutch english estonian finnish
  french galician german greek hindi hungarian indonesian irish italian latvian lithuanian norwegian persian portuguese
  romanian russian serbian sorani spanish swedish thai turkish
`);

const BUILT_IN: Readonly<Record<string, ReadonlySet<string>>> = {
  analyzer: new Set([
    ...LANGUAGES,
    ...words(`
      default default_search standard simple stop whitespace keyword pattern fingerprint snowball
      icu_analyzer kuromoji nori smartcn polish ukrainian openkoreantext-analyzer phone phone-search
      ik_max_word ik_smart pinyin hanlp hanlp_index hanlp_nlp hanlp_crf hanlp_n_short hanlp_dijkstra hanlp_speed
      vi_analyzer bert-uncased mbert-uncased
    `),
  ]),
  normalizer: new Set(['default', 'lowercase']),
  tokenizer: new Set(
    words(`
      standard letter lowercase whitespace uax_url_email classic thai ngram nGram edge_ngram edgeNGram keyword pattern
      simple_pattern simple_pattern_split char_group path_hierarchy PathHierarchy
      icu_tokenizer kuromoji_tokenizer nori_tokenizer smartcn_tokenizer ik_max_word ik_smart pinyin vi_tokenizer
      openkoreantext-tokenizer hanlp hanlp_index
    `),
  ),
  filter: new Set([
    ...LANGUAGES.map((language) => `${language}_stem`),
    ...words(`
      apostrophe arabic_normalization asciifolding bengali_normalization cjk_bigram cjk_width classic common_grams
      czech_stem decimal_digit delimited_payload delimited_payload_filter delimited_term_freq dutch_stem edge_ngram
      edgeNGram elision fingerprint flatten_graph french_stem german_normalization german_stem hindi_normalization
      indic_normalization keyword_repeat kstem length limit lowercase min_hash ngram nGram persian_normalization
      porter_stem remove_duplicates reverse russian_stem scandinavian_folding scandinavian_normalization
      serbian_normalization shingle snowball sorani_normalization stemmer stop swedish_stem trim truncate
      type_as_synonym unique uppercase word_delimiter word_delimiter_graph
      icu_folding icu_normalizer icu_transform icu_collation kuromoji_baseform kuromoji_part_of_speech
      kuromoji_readingform kuromoji_stemmer kuromoji_number kuromoji_completion ja_stop hiragana_uppercase
      katakana_uppercase nori_part_of_speech nori_readingform nori_number polish_stem polish_stop smartcn_stop
      smartcn_word phonetic ukrainian_stem pinyin openkoreantext-normalizer openkoreantext-stemmer
      openkoreantext-redundant-filter openkoreantext-phrase-extractor
    `),
  ]),
  char_filter: new Set(words('html_strip pattern_replace mapping icu_normalizer kuromoji_iteration_mark')),
};

/** @param id for example `filter.lowercase` */
export function isBuiltIn(id: string): boolean {
  const dot = id.indexOf('.');
  return BUILT_IN[id.slice(0, dot)]?.has(id.slice(dot + 1)) ?? false;
}
