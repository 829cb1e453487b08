//! Numbers of permits and registrations (排污许可证编号、排污登记编号): HJ 608-2017, 22 characters.

use rulebook::Text;
use standards::codes::social_credit_code::SocialCreditCode;

/// A number of the right form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitNumber {
    /// Its first 18 characters: the unified social credit code, or the code of a unit that has
    /// none.
    pub unit: String,
    /// Characters 19 to 21: the place of production.
    pub place: u16,
    /// Whether the unit has a unified social credit code, whose check digit is then right.
    pub has_credit_code: bool,
}

/// Checks the form of a number.
///
/// # Standard
/// HJ 608-2017: 18 characters of the unit, three digits, one letter or digit. A unit without a
/// unified social credit code is `H9`, six digits of the area, `0000`, five digits and a small
/// letter, or `H9`, six digits, nine characters of the organisation code and a letter.
///
/// # Errors
/// What is wrong first. The last character is an identifier that nobody computes.
pub fn check(text: &str) -> Result<PermitNumber, Text> {
    let characters: Vec<char> = text.chars().collect();
    let &[ref unit @ .., first, second, third, last] = characters.as_slice() else {
        return Err(length(characters.len()));
    };
    if characters.len() != 22 {
        return Err(length(characters.len()));
    }
    let digit = |it: char| it.to_digit(10).map(|it| it as u16);
    let place = digit(first).zip(digit(second)).zip(digit(third));
    let Some(((first, second), third)) = place else {
        return Err(Text::fixed(
            "第19至21位应为三位数字",
            "characters 19 to 21 are not three digits",
        ));
    };
    if !(last.is_ascii_digit() || last.is_ascii_uppercase()) {
        return Err(Text::fixed(
            "第22位应为大写字母或数字",
            "the last character is neither a capital letter nor a digit",
        ));
    }
    let unit: String = unit.iter().collect();
    let has_credit_code = !unit.starts_with("H9");
    if has_credit_code {
        SocialCreditCode::parse(&unit).map_err(|error| {
            Text::new(
                format!("前18位不是有效的统一社会信用代码({error})"),
                format!("the first 18 characters are no unified social credit code: {error}"),
            )
        })?;
        if unit.chars().any(|it| it.is_ascii_lowercase()) {
            return Err(Text::fixed("字母应为大写", "letters are written as capitals"));
        }
    } else if !is_without_credit_code(&unit) {
        return Err(Text::fixed(
            "H9 开头的编号应为:H9、6位区划、0000、5位数字、1位小写字母,或 H9、6位区划、9位组织机构代码、1位字母",
            "a number with H9 is H9, six digits, 0000, five digits and a small letter, or H9, six \
             digits, an organisation code of nine characters and a letter",
        ));
    }
    Ok(PermitNumber { unit, place: first * 100 + second * 10 + third, has_credit_code })
}

fn length(length: usize) -> Text {
    Text::new(
        format!("编号应为22位,现为{length}位"),
        format!("the number has {length} characters instead of 22"),
    )
}

/// After `H9`, which the caller has seen.
fn is_without_credit_code(unit: &str) -> bool {
    if unit.len() != 18 || !unit.is_ascii() {
        return false;
    }
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (area, rest) = unit[2..].split_at(6);
    let (organisation, letter) = rest.split_at(9);
    let is_small = letter.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_letter = letter.bytes().all(|byte| byte.is_ascii_alphabetic());
    let numbered = organisation.starts_with("0000") && digits(organisation) && is_small;
    let coded = organisation.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    digits(area) && (numbered || (coded && is_letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_numbers_are_told_apart() {
        for (number, is_right) in [
            // The example of HJ 608-2017, annex A.
            ("91130200699229617X001P", true),
            ("91130200699229617X002P", true),
            ("91350600MA00DEM01J001W", true),
            ("H9990100000000001a001P", true),
            ("H9990100123456789A001P", true),
            ("91130200699229617A001P", false),
            ("91130200699229617X01P", false),
            ("91130200699229617XA01P", false),
            ("91130200699229617X001p", false),
            ("H9990100000000001A0X1P", false),
            ("h9990100000000001a001P", false),
            ("", false),
        ] {
            assert_eq!(check(number).is_ok(), is_right, "{number}");
        }
    }
}
