//! The words of a text (分词), for searching and for comparing.

use jieba_rs::Jieba;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The dictionary takes some 100 ms to unpack: not before somebody needs it.
static DICTIONARY: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// Longer runs of letters are no words.
const LETTERS_MAX: usize = 32;
/// A text is indexed up to here.
const INDEXED_LETTERS: usize = 20_000;

/// Words that stand in every text and tell nothing.
const EMPTY_WORDS: &[&str] = &[
    "的", "了", "是", "在", "有", "和", "与", "及", "或", "也", "都", "就", "而", "被", "把", "对",
    "从", "到", "我", "你", "他", "她", "它", "这", "那", "我们", "你们", "他们", "一个", "没有",
    "the", "a", "an", "of", "to", "in", "and", "or", "is", "are", "it", "at", "on", "for", "with",
];

/// The words by which a text is found: those that it is made of and every other word of the
/// dictionary that stands in it, since a question may be cut otherwise.
pub(crate) fn of_text(text: &str) -> BTreeSet<String> {
    let text = plain(text);
    let cut = DICTIONARY.cut(&text, false);
    let all = DICTIONARY.cut_all(&text);
    cut.iter().chain(&all).filter_map(|token| word(token.word)).collect()
}

/// The words of which a text is made, each once: those that a question asks for, and those by
/// which two reports are compared.
pub(crate) fn of_question(text: &str) -> BTreeSet<String> {
    let text = plain(text);
    DICTIONARY.cut(&text, false).iter().filter_map(|token| word(token.word)).collect()
}

/// How much two sets of words share: what they have in common of all that they have, 0 to 1 in
/// thousandths.
pub(crate) fn similarity(one: &BTreeSet<String>, other: &BTreeSet<String>) -> u32 {
    let common = one.intersection(other).count();
    let all = one.len() + other.len() - common;
    (common * 1000).checked_div(all).unwrap_or_default() as u32
}

/// Small letters, digits and signs of usual width.
fn plain(text: &str) -> String {
    text.chars()
        .take(INDEXED_LETTERS)
        .map(|letter| match letter {
            '\u{ff01}'..='\u{ff5e}' => {
                char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter).to_ascii_lowercase()
            }
            '\u{3000}' => ' ',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

fn word(token: &str) -> Option<String> {
    let trimmed = token.trim();
    let is_word = trimmed.chars().any(char::is_alphanumeric)
        && trimmed.chars().count() <= LETTERS_MAX
        && !EMPTY_WORDS.contains(&trimmed);
    is_word.then(|| trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "蓝田开发区某化工厂夜间冒黑烟,有刺鼻气味,ＰＭ2.5 超标!我拍了 3 张照片";

    #[test]
    fn a_text_is_found_by_its_words_and_by_parts_of_them() {
        let indexed = of_text(REPORT);
        for question in
            ["化工厂", "工厂", "黑烟", "蓝田开发区", "开发区", "pm2.5", "刺鼻气味", "PM2.5"]
        {
            let asked = of_question(question);
            assert!(!asked.is_empty() && asked.is_subset(&indexed), "{question}: {asked:?}");
        }
        for question in ["污水", "印染厂", "白烟"] {
            assert!(!of_question(question).is_subset(&indexed), "{question}");
        }
    }

    #[test]
    fn signs_and_empty_words_are_no_words() {
        assert!(of_question(" ,。!的 了 the ———— ").is_empty());
        assert_eq!(of_question("黑烟 黑烟,黑烟").len(), 1);
        assert!(of_text(&"x".repeat(100)).is_empty());
    }

    #[test]
    fn like_reports_share_more_words_than_unlike_ones() {
        let one = of_question(REPORT);
        let like = of_question("蓝田开发区化工厂晚上又冒黑烟,味道刺鼻");
        let unlike = of_question("小区门口烧烤摊油烟扰民,深夜噪声很大");
        assert_eq!(similarity(&one, &one), 1000);
        assert!(similarity(&one, &like) > 250, "{}", similarity(&one, &like));
        assert!(similarity(&one, &unlike) < 100, "{}", similarity(&one, &unlike));
        assert_eq!(similarity(&BTreeSet::new(), &BTreeSet::new()), 0);
    }
}
