//! Check values of the trophic level index.

use rulebook::Language;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal in a test")
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let indices: Vec<_> = Parameter::ALL[..4]
            .iter()
            .enumerate()
            .map(|(place, parameter)| (*parameter, decimal(&row[place + 1])))
            .collect();
        let (index, level) = index_of_lake(&indices, 4).expect("computable").value;
        assert_eq!((index, &*level.name().zh), (decimal(&row[5]), &row[6]), "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn every_parameter_has_its_coefficients() {
    for parameter in Parameter::ALL {
        let one = index_of_parameter(parameter, Decimal::ONE).expect("ln 1 is 0");
        assert_eq!(one, number(parameter, "a") * Decimal::TEN);
        let rises = index_of_parameter(parameter, Decimal::TWO).expect("computable") > one;
        assert_eq!(rises, parameter != Parameter::Transparency);
    }
}

#[test]
fn values_without_a_logarithm_have_no_index() {
    for value in ["0", "-1"] {
        let reason = index_of_parameter(Parameter::TotalPhosphorus, decimal(value));
        assert_eq!(reason.expect_err("no logarithm").code(), "judgement.invalid");
    }
    assert!(index_of_parameter(Parameter::TotalPhosphorus, Decimal::MAX).is_ok());
    assert_eq!(index_of_lake(&[], 0).expect_err("nothing").code(), "judgement.too_few");
}

#[test]
fn equal_indices_have_their_own_mean() {
    let same = Parameter::ALL.map(|parameter| (parameter, decimal("47")));
    let verdict = index_of_lake(&same, 5).expect("computable");
    assert_eq!(verdict.value, (decimal("47"), Level::Mesotrophic));
    let plain = explain(&verdict).to_plain(Language::Chinese);
    assert!(plain.starts_with("综合营养状态指数 47.000，中营养"), "{plain}");
}

proptest::proptest! {
    #[test]
    fn any_decimal_has_an_index_or_a_reason(mantissa in 0_i64.., scale in 0_u32..=28) {
        let value = Decimal::from_i128_with_scale(i128::from(mantissa), scale);
        for parameter in Parameter::ALL {
            proptest::prop_assert_eq!(index_of_parameter(parameter, value).is_ok(), mantissa > 0);
        }
    }
}
