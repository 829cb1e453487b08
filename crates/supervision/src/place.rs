//! Where something is: a place from the numbers and words of a form, and the division in it.

use cases::Place;
use registry::geometry::{BOUNDARIES_FILE, Boundaries};
use registry::{Position, Snapshot};
use rulebook::Decimal;
use web::{AppState, Problem};

/// A place, or why what was entered is none. Nothing entered is no place.
pub(crate) fn place_of(
    longitude: &str,
    latitude: &str,
    address: &str,
) -> Result<Option<Place>, Problem> {
    if longitude.is_empty() && latitude.is_empty() {
        return Ok(None);
    }
    let degrees = |text: &str, most: i64| {
        let value: Option<Decimal> = text.parse().ok();
        value.filter(|value| value.abs() <= Decimal::from(most))
    };
    match (degrees(longitude, 180), degrees(latitude, 90)) {
        (Some(longitude), Some(latitude)) => Ok(Some(Place {
            longitude: longitude.round_dp(6),
            latitude: latitude.round_dp(6),
            address: address.to_owned(),
        })),
        _ => Err(Problem::bad_request(
            "位置不是经纬度(度,十进制)",
            "the place is no longitude and latitude in decimal degrees",
        )),
    }
}

/// The code of the division in which a place lies: the one chosen, else the one drawn around the
/// place, else the city.
pub(crate) async fn division_of(
    state: &AppState,
    chosen: &str,
    place: Option<&Place>,
) -> Result<String, Problem> {
    let snapshot = state.snapshot();
    if !chosen.is_empty() {
        let known = in_force(&snapshot).any(|row| row.code == chosen);
        return if known { Ok(chosen.to_owned()) } else { Err(no_division(chosen)) };
    }
    let Some(place) = place else { return Ok(snapshot.city.code.clone()) };
    let drawn = registry::store::city_file(&state.store, BOUNDARIES_FILE).await?;
    let boundaries = drawn.as_deref().map(Boundaries::parse).transpose()?;
    let position = position(place);
    let found = boundaries.as_ref().and_then(|drawn| drawn.division_at(position));
    Ok(found.unwrap_or(&snapshot.city.code).to_owned())
}

/// The divisions that stand today, the city apart.
pub(crate) fn in_force(snapshot: &Snapshot) -> impl Iterator<Item = &registry::Division> {
    snapshot.divisions.iter().filter(|row| row.valid_to.is_none())
}

fn position(place: &Place) -> Position {
    let degrees = |value: Decimal| value.to_string().parse().unwrap_or_default();
    Position { longitude: degrees(place.longitude), latitude: degrees(place.latitude) }
}

fn no_division(code: &str) -> Problem {
    Problem::bad_request(
        format!("没有区划 {code}"),
        format!("there is no division {code}; /report lists them"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_degrees_or_nothing() {
        assert_eq!(place_of("", "", "x").expect("none"), None);
        let place = place_of("117.6543219", "24.5", "x").expect("right").expect("one");
        assert_eq!(place.longitude.to_string(), "117.654322");
        for (longitude, latitude) in
            [("181", "0"), ("0", "91"), ("east", "1"), ("1", ""), ("", "1")]
        {
            assert!(place_of(longitude, latitude, "").is_err(), "{longitude} {latitude}");
        }
    }
}
